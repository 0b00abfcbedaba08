/** Everything the window, the CLI and the tests can ask of the studio. */
import { imagesContract } from './images.ts';
import { modelsContract } from './models.ts';
import { queueContract } from './queue.ts';
import type { Client, Handlers } from './rpc.ts';
import { settingsContract } from './settings.ts';
import { systemContract } from './system.ts';
import { writeContract } from './write.ts';

export const studioContract = {
  ...systemContract,
  ...settingsContract,
  ...modelsContract,
  ...queueContract,
  ...imagesContract,
  ...writeContract,
} as const;

export type StudioContract = typeof studioContract;
export type StudioClient = Client<StudioContract>;
export type StudioHandlers = Handlers<StudioContract>;
