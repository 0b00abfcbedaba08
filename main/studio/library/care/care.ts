/**
 * Care of a library: the doctor, backups, and other libraries that are taken over.
 *
 * Promises: a thread of its own reads, which lives as long as the work; only the library's writing
 * thread changes anything, in small turns, so that a person can go on meanwhile.
 */
import type {
  CareProgress,
  CareReport,
  CopyReport,
  Finding,
  careContract,
} from '../../../../contract/care.ts';
import { StudioError } from '../../../../contract/errors.ts';
import type { Client, Handlers } from '../../../../contract/rpc.ts';
import { startThread } from '../../thread.ts';
import type { writerContract } from '../worker-contract.ts';
import { careThreadContract, type BringEvent } from './care-thread-contract.ts';
import { isDamage } from './check-database.ts';
import type { Mended, Problem } from './problem.ts';

export type Care = Handlers<typeof careContract>;

export interface CareOptions {
  readonly folder: string;
  /** Of the library's threads. */
  readonly threadEntry: URL;
  /** This machine's name. */
  readonly host: string;
  readonly writer: Pick<Client<typeof writerContract>, 'mend' | 'takeOver'>;
  /** Settles once the library serves. */
  readonly healed: () => Promise<unknown>;
  /** Rows became others. */
  readonly changed: () => void;
}

const findingsTold = 5000;
/** In one turn of the writing thread. */
const mendedAtOnce = 20;

export function createCare({
  folder,
  threadEntry,
  host,
  writer,
  healed,
  changed,
}: CareOptions): Care {
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

  /** Has the writing thread take up what the other one brought. */
  async function* takeUp(
    brings: (client: Client<typeof careThreadContract>) => AsyncIterable<BringEvent>,
    signal: AbortSignal,
  ): AsyncGenerator<CareProgress | { kind: 'done'; report: CopyReport }> {
    using _one = changing();
    await healed();
    signal.throwIfAborted();
    await using reading = start();
    const taken = { marks: 0, albums: 0 };
    const problems: string[] = [];
    let isTaken = false;
    try {
      for await (const event of brings(reading.client)) {
        if (event.kind === 'progress') yield event;
        else if (event.kind === 'done') {
          const { report } = event;
          yield {
            kind: 'done',
            report: { ...report, ...taken, problems: [...problems, ...report.problems] },
          };
        } else {
          isTaken = true;
          const came = await writer.takeOver({
            marks: event.kind === 'marks' ? event.marks : [],
            albums: event.kind === 'albums' ? event.albums : [],
            files: event.kind === 'files' ? event.files : [],
          });
          taken.marks += came.marks;
          taken.albums += came.albums;
          problems.push(
            ...came.unreadable.map((file) => `"${file}" is no picture and was set aside.`),
          );
        }
      }
    } finally {
      if (isTaken) changed();
    }
  }

  return {
    async *'library.backup'({ folder: target }, { signal }) {
      using _one = changing();
      await healed();
      signal.throwIfAborted();
      await using reading = start();
      yield* reading.client.backUp({ library: folder, folder: target }, { signal });
    },
    async 'library.backupInfo'({ folder: target }, { signal }) {
      await using reading = start();
      return await reading.client.backupInfo({ folder: target }, { signal });
    },
    'library.restore': ({ folder: source }, { signal }) =>
      takeUp(
        (client) => client.bringBackup({ library: folder, folder: source }, { signal }),
        signal,
      ),
    'library.merge': ({ folder: source }, { signal }) =>
      takeUp(
        (client) => client.bringLibrary({ library: folder, folder: source, host }, { signal }),
        signal,
      ),
    async *'library.check'(_input, { signal }) {
      const problems: Problem[] = [];
      for await (const event of look(signal, problems)) {
        if (event.kind === 'progress') yield event;
        else
          yield {
            kind: 'report',
            report: reportOf(
              event,
              problems.map((each) => found(each)),
            ),
          };
      }
    },
    async *'library.fix'(_input, { signal }) {
      using _one = changing();
      const findings: Finding[] = [];
      let counted = { images: 0, trashed: 0 };
      let isChanged = false;
      try {
        for (let isFirst = true; ; isFirst = false) {
          const problems: Problem[] = [];
          for await (const event of look(signal, problems)) {
            if (event.kind === 'progress') yield event;
            else counted = event;
          }
          const inOrder = problems.toSorted((a, b) => turnOf(a) - turnOf(b));
          for (let done = 0; done < inOrder.length; done += mendedAtOnce) {
            signal.throwIfAborted();
            yield { kind: 'progress', phase: 'mending', done, total: inOrder.length };
            const turn = inOrder.slice(done, done + mendedAtOnce);
            isChanged = true;
            const { mended, images, trashed } = await writer.mend({ problems: turn });
            counted = { images, trashed };
            findings.push(...turn.map((each, index) => found(each, mended[index])));
          }
          // In a damaged database nothing else was looked for.
          if (!isFirst || !problems.some(isDamage) || findings.some(({ isMended }) => !isMended))
            break;
        }
      } finally {
        if (isChanged) changed();
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
