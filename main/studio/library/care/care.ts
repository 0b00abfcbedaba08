/**
 * Care of a library: the doctor.
 *
 * Promises: a thread of its own reads, which lives as long as the work; only the library's writing
 * thread changes anything, in small turns, so that a person can go on meanwhile.
 */
import type { CareReport, Finding, careContract } from '../../../../contract/care.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Client, Handlers } from '../../../../contract/rpc.ts';
import { startThread } from '../../thread.ts';
import type { writerContract } from '../worker-contract.ts';
import { careThreadContract } from './care-thread-contract.ts';
import type { Mended, Problem } from './problem.ts';

export type Care = Pick<Handlers<typeof careContract>, 'library.check' | 'library.fix'>;

export interface CareOptions {
  readonly folder: string;
  /** Of the library's threads. */
  readonly threadEntry: URL;
  readonly writer: Pick<Client<typeof writerContract>, 'mend'>;
  /** Settles once the library serves. */
  readonly healed: () => Promise<unknown>;
  /** Rows became others. */
  readonly changed: () => void;
}

const findingsTold = 5000;
/** In one turn of the writing thread. */
const mendedAtOnce = 20;

export function createCare({ folder, threadEntry, writer, healed, changed }: CareOptions): Care {
  let isChanging = false;

  function start() {
    const thread = startThread(careThreadContract, threadEntry, 'The doctor', { role: 'care' });
    return { client: thread.client, [Symbol.asyncDispose]: () => thread.end() };
  }

  /** One change of the whole library at a time. */
  function changing(): Disposable {
    if (isChanging) {
      throw new StudioError(
        'conflict',
        'The library is being mended or copied already. Wait until that is done, or cancel it.',
      );
    }
    isChanging = true;
    return {
      [Symbol.dispose]() {
        isChanging = false;
      },
    };
  }

  async function* look(signal: AbortSignal, problems: Problem[]) {
    await healed();
    signal.throwIfAborted();
    await using reading = start();
    for await (const event of reading.client.check({ folder }, { signal })) {
      if (event.kind === 'problem') problems.push(event.problem);
      else yield event;
    }
  }

  return {
    async *'library.check'(_input, { signal }) {
      const problems: Problem[] = [];
      for await (const event of look(signal, problems)) {
        if (event.kind === 'progress') yield event;
        else yield { kind: 'report', report: reportOf(event, problems.map((each) => found(each))) };
      }
    },
    async *'library.fix'(_input, { signal }) {
      using _one = changing();
      const problems: Problem[] = [];
      let counted = { images: 0, trashed: 0 };
      for await (const event of look(signal, problems)) {
        if (event.kind === 'progress') yield event;
        else counted = event;
      }
      const inOrder = problems.toSorted((a, b) => turnOf(a) - turnOf(b));
      const findings: Finding[] = [];
      try {
        for (let done = 0; done < inOrder.length; done += mendedAtOnce) {
          signal.throwIfAborted();
          yield { kind: 'progress', phase: 'mending', done, total: inOrder.length };
          const turn = inOrder.slice(done, done + mendedAtOnce);
          const { mended, images, trashed } = await writer.mend({ problems: turn });
          counted = { images, trashed };
          findings.push(...turn.map((each, index) => found(each, mended[index])));
        }
      } finally {
        if (inOrder.length > 0) changed();
      }
      yield { kind: 'report', report: reportOf(counted, findings) };
    },
  };
}

/** What other things build on comes first: rows that a file belongs to before files without a row. */
const turns: readonly Problem['kind'][] = [
  'database',
  'journal',
  'bad-row',
  'missing-file',
  'changed-file',
  'unreadable-file',
  'orphan-file',
];

function turnOf({ kind }: Problem): number {
  const turn = turns.indexOf(kind);
  return turn < 0 ? turns.length : turn;
}

function found({ kind, subject, message, remedy }: Problem, mended?: Mended): Finding {
  const isMended = mended?.isMended ?? false;
  return {
    kind,
    subject,
    message,
    remedy: mended?.remedy ?? (mended && !isMended ? null : remedy),
    isMended,
  };
}

function reportOf(
  { images, trashed }: { readonly images: number; readonly trashed: number },
  findings: readonly Finding[],
): CareReport {
  return {
    images,
    trashed,
    findings: findings.slice(0, findingsTold),
    found: findings.length,
    mended: findings.filter(({ isMended }) => isMended).length,
  };
}
