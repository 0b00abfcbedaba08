/** Prompts that pictures were made with, for taking one up again. */
import { z } from 'zod';
import type { PromptUse } from '../../../contract/prompts.ts';
import type { ReadableDatabase } from './database/connection.ts';

/** How far back is looked: reading further would keep the gallery waiting. */
const maxPictures = 5000;

const PromptRow = z.object({
  prompt: z.string(),
  negative_prompt: z.string(),
  created_at: z.number().int(),
});

/**
 * Distinct prompts, newest first, as they were typed.
 * @param text words that must all occur in prompt or negative prompt
 * @param limit how many at most
 */
export function promptHistory(
  database: ReadableDatabase,
  text: string,
  limit: number,
): PromptUse[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<string, PromptUse>();
  // What was typed is in the recipe alone: the columns hold what the choices in it came to.
  const sql = `SELECT
      coalesce(CASE WHEN json_valid(t.recipe) THEN t.recipe ->> '$.settings.prompt' END, t.prompt) AS prompt,
      coalesce(CASE WHEN json_valid(t.recipe) THEN t.recipe ->> '$.settings.negativePrompt' END, t.negative_prompt) AS negative_prompt,
      i.created_at
    FROM images AS i JOIN image_texts AS t ON t.seq = i.seq WHERE i.trashed = 0 ORDER BY i.seq DESC LIMIT ?`;
  for (const row of database.each(PromptRow, sql, [maxPictures])) {
    if (row.prompt === '') continue;
    const searched = `${row.prompt}\n${row.negative_prompt}`.toLowerCase();
    const key = JSON.stringify([row.prompt, row.negative_prompt]);
    if (found.has(key) || !words.every((word) => searched.includes(word))) continue;
    found.set(key, {
      prompt: row.prompt,
      negativePrompt: row.negative_prompt,
      usedAt: row.created_at,
    });
    if (found.size >= limit) break;
  }
  return [...found.values()];
}
