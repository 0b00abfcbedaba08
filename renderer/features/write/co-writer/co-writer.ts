/**
 * What the model does at the desk: it goes on in the text, suggests, proposes changes, offers alternatives.
 *
 * Promises: one of these runs at a time; stopping keeps what was written; words go where they were
 * asked for, wherever the person types meanwhile; nothing it wrote is lost, for what is not taken
 * stays in the history.
 */
import type { StudioClient } from '../../../../contract/studio.ts';
import type { SceneSession } from '../session/scene-session.ts';
import { createAlternatives, type Alternatives } from './alternatives.ts';
import { createProposals, type Proposals } from './proposals.ts';
import { createRunTokens, type RunTokens } from './run-tokens.ts';
import { createRunner, type Runner, type RunnerPorts } from './runner.ts';
import { suggest } from './suggestions.ts';
import { readingAt } from './task-prompts.ts';
import { writeInto } from './write-into.ts';

export interface CoWriter {
  readonly progress: Runner['progress'];
  readonly tokens: RunTokens;
  readonly proposals: Proposals;
  readonly alternatives: Alternatives;
  /** @param position of the text; the caret's if it is left out */
  goOn(session: SceneSession, position?: number): void;
  /** Between what stands before the caret and what stands behind it. */
  fill(session: SceneSession): void;
  suggest(session: SceneSession): void;
  /** Puts a token in at the caret, as the model's own word, which the person drew in its place. */
  takeToken(session: SceneSession, tokenId: number): void;
  /** @returns whether there was anything to stop */
  stop(): boolean;
}

/** Beyond every logit; with no sampler and no draw the token is the one that comes. */
const certain = 1000;

export function createCoWriter(
  ports: Omit<RunnerPorts, 'client' | 'tokens'> & {
    readonly client: Pick<StudioClient, 'context.build' | 'scenes.generate' | 'scenes.tokens'>;
  },
): CoWriter {
  const tokens = createRunTokens(ports.client);
  const runner = createRunner({ ...ports, tokens });
  return {
    progress: runner.progress,
    tokens,
    proposals: createProposals(runner),
    alternatives: createAlternatives(runner),
    goOn(session, position) {
      const at = position ?? session.state().selection.to;
      const wanted = runner.request('continue', readingAt(session.state().doc, at));
      if (wanted) writeInto(runner, session, at, wanted);
    },
    fill(session) {
      const at = session.state().selection.to;
      const wanted = runner.request('fill', readingAt(session.state().doc, at));
      if (wanted) writeInto(runner, session, at, wanted);
    },
    suggest: (session) => suggest(runner, session),
    takeToken(session, tokenId) {
      const at = session.state().selection.to;
      const wanted = runner.request('continue', readingAt(session.state().doc, at), {
        maxTokens: 1,
        logitBias: [{ token: tokenId, bias: certain }],
        preset: null,
      });
      if (!wanted) return;
      const sampling = { ...wanted.sampling, temperature: 0, order: [] };
      writeInto(runner, session, at, { ...wanted, sampling });
    },
    stop: runner.stop,
  };
}
