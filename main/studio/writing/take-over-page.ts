/**
 * The page of the plain desk becomes a project, once; the draft stays as it was.
 *
 * What was made from it has a fixed id, so that it is made once however often the program dies meanwhile.
 */
import { Fragment, type Node } from 'prosemirror-model';
import { z } from 'zod';
import type { Run, SceneChange } from '../../../contract/scenes.ts';
import { SamplingSettings } from '../../../contract/write.ts';
import { documentSchema } from './document-schema.ts';
import { countWords, inlineOf } from './plain-text.ts';
import { firstText } from './scene/first-text.ts';

/** Drawn once, for this program's lifetime: there is one such page in a library. */
export const takenOverPage = {
  projectId: 'a5d1c7c2-0b5e-4f0e-9d8e-6d0f3f0c9b11',
  sceneId: '5f2d6a0e-93a4-4c1b-8a54-2f6c1f7f9d27',
  title: 'My page',
} as const;
const runId = 'c0f3b6de-5a55-4a39-9a0f-0d7f6a3be5a4';

const Page = z.object({
  text: z.string(),
  modelStretches: z.array(z.object({ start: z.number().int(), end: z.number().int() })).default([]),
});

/** @param draft JSON as the plain desk kept it @returns null where there is nothing to take over */
export function changesFromPage(
  draft: string,
  at: number,
): { readonly changes: SceneChange[]; readonly words: number } | null {
  const page = parsePage(draft);
  if (page === null || page.text.trim() === '') return null;
  const run: Run = {
    id: runId,
    at,
    task: 'continue',
    instruction: '',
    modelId: 'unknown',
    modelName: '',
    modelHash: '',
    provider: null,
    preset: null,
    sampling: SamplingSettings.parse({}),
    seed: 0,
    contextHash: null,
    alternatives: 1,
  };
  return {
    changes: [{ kind: 'run', run }, firstText(Fragment.fromArray(blocksOf(page)), at)],
    words: countWords(page.text),
  };
}

function parsePage(draft: string): z.infer<typeof Page> | null {
  try {
    return Page.parse(JSON.parse(draft));
  } catch {
    return null;
  }
}

/** Paragraph by paragraph, each of stretches that one author wrote. */
function blocksOf({ text, modelStretches }: z.infer<typeof Page>): Node[] {
  const origin = [documentSchema.mark('origin', { run: runId })];
  const paragraph = documentSchema.nodes.paragraph;
  const blocks: Node[] = [];
  let start = 0;
  for (const part of text.split(/(\n{2,})/)) {
    const end = start + part.length;
    if (!part.startsWith('\n\n')) {
      const pieces = piecesOf(start, end, modelStretches).map(({ from, to, isModel }) =>
        inlineOf(text.slice(from, to), isModel ? origin : []),
      );
      blocks.push(
        paragraph.create(
          null,
          pieces.reduce((all, piece) => all.append(piece), Fragment.empty),
        ),
      );
    }
    start = end;
  }
  return blocks;
}

function piecesOf(
  start: number,
  end: number,
  stretches: z.infer<typeof Page>['modelStretches'],
): { readonly from: number; readonly to: number; readonly isModel: boolean }[] {
  const cuts = new Set([start, end]);
  for (const stretch of stretches)
    for (const cut of [stretch.start, stretch.end]) if (cut > start && cut < end) cuts.add(cut);
  const sorted = [...cuts].sort((a, b) => a - b);
  return sorted.slice(1).map((to, i) => {
    const from = sorted[i] ?? start;
    const isModel = stretches.some((stretch) => stretch.start <= from && to <= stretch.end);
    return { from, to, isModel };
  });
}
