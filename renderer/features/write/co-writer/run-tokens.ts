/** What was drawn in each run: known from its stream, or fetched. */
import type { Run, RunId, RunToken } from '../../../../contract/scenes.ts';
import type { StudioClient } from '../../../../contract/studio.ts';
import type { SceneSession } from '../session/scene-session.ts';

export interface RunTokens {
  add(run: RunId, alternative: number, token: RunToken): void;
  /** @param text words of the run; of several alternatives those are told that have them */
  of(session: SceneSession, run: Run, text: string): Promise<readonly RunToken[]>;
}

export function createRunTokens(client: Pick<StudioClient, 'scenes.tokens'>): RunTokens {
  const known = new Map<string, RunToken[]>();
  const keyOf = (run: RunId, alternative: number) => `${run} ${alternative}`;

  async function tokensOf(session: SceneSession, run: RunId, alternative: number) {
    const key = keyOf(run, alternative);
    const there = known.get(key);
    if (there) return there;
    const { projectId, sceneId } = session;
    const fetched = await client['scenes.tokens']({ projectId, sceneId, run, alternative });
    known.set(key, fetched);
    return fetched;
  }

  return {
    add(run, alternative, token) {
      const key = keyOf(run, alternative);
      const tokens = known.get(key);
      if (tokens) tokens.push(token);
      else known.set(key, [token]);
    },
    async of(session, run, text) {
      for (let alternative = 0; alternative < run.alternatives; alternative += 1) {
        const tokens = await tokensOf(session, run.id, alternative);
        if (run.alternatives === 1) return tokens;
        if (
          tokens
            .map((token) => token.text)
            .join('')
            .includes(text)
        )
          return tokens;
      }
      return [];
    },
  };
}
