/** Gives the engine the machine while it draws: the background then takes one core, else all of them. */
import type { QueueSnapshot } from '../../../contract/queue.ts';
import type { BackgroundPace } from '../library/thumbnails/picture-work.ts';

/** Follows the queue until its snapshots end. @param setPace called where the pace changes */
export async function paceBackground(
  snapshots: AsyncIterable<QueueSnapshot>,
  setPace: (pace: BackgroundPace) => void,
): Promise<void> {
  let last: BackgroundPace = 'all-cores';
  for await (const { jobs } of snapshots) {
    const pace = jobs.some(({ state }) => state === 'running') ? 'one-core' : 'all-cores';
    if (pace === last) continue;
    last = pace;
    setPace(pace);
  }
}
