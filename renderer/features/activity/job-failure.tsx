import { CircleAlert, Copy, RotateCcw } from 'lucide-react';
import { errorTitles } from '../../app/error-titles.ts';
import { describeError } from '../../app/toasts.ts';
import { useWindow } from '../../app/window-model.ts';
import type { Job } from '../../../contract/queue.ts';
import { Button } from '../../ui/button.tsx';
import { formatCount } from '../../ui/format.ts';

/** What went wrong with a job, what was kept, and what can be done. */
export function JobFailure({ job }: { readonly job: Job }) {
  const { client, toasts } = useWindow();
  if (!job.error) return null;
  const { error, imageIds } = job;
  const kept =
    imageIds.length > 0
      ? `${formatCount(imageIds.length, 'finished picture was', 'finished pictures were')} kept. `
      : '';
  return (
    <>
      <h2>
        <CircleAlert aria-hidden />
        {errorTitles[error.code]}
      </h2>
      <p data-selectable>
        {error.message} {kept}The settings are kept.
      </p>
      <div>
        <Button
          variant="primary"
          icon={RotateCcw}
          tip="Puts the job back into the queue; finished pictures are not made again"
          onClick={() => void toasts.watch(client['queue.retry']({ id: job.id }))}
        >
          Try again
        </Button>
        <Button
          icon={Copy}
          onClick={() =>
            void toasts
              .watch(
                navigator.clipboard.writeText(
                  `${describeError(error)}\n${JSON.stringify(job.request, null, 2)}`,
                ),
              )
              .then((done) => done && toasts.say('Details copied'))
          }
        >
          Copy details
        </Button>
        <Button
          variant="quiet"
          onClick={() => void toasts.watch(client['queue.remove']({ id: job.id }))}
        >
          Dismiss
        </Button>
      </div>
    </>
  );
}
