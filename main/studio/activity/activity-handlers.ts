/** The activity log's part of the contract. */
import type { Handlers } from '../../../contract/rpc.ts';
import type { systemContract } from '../../../contract/system.ts';
import type { Activity } from './activity.ts';

type ActivityProcedures = Pick<typeof systemContract, 'activity.page' | 'activity.watch'>;

export function activityHandlers(activity: Activity): Handlers<ActivityProcedures> {
  return {
    'activity.page': async ({ before, limit }) => [...activity.page(before, limit)],
    'activity.watch': (_input, { signal }) => activity.watch(signal),
  };
}
