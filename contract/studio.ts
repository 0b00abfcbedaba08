/** Everything the window, the CLI and the tests can ask of the studio. */
import { albumsContract } from './albums.ts';
import { careContract } from './care.ts';
import { chatsContract } from './chats.ts';
import { contextContract } from './context.ts';
import { documentFilesContract } from './document-files.ts';
import { exportsContract } from './exports.ts';
import { imagesContract } from './images.ts';
import { importsContract } from './imports.ts';
import { inputsContract } from './inputs.ts';
import { modelsContract } from './models.ts';
import { projectsContract } from './projects.ts';
import { promptsContract } from './prompts.ts';
import { queueContract } from './queue.ts';
import { readingContract } from './reading.ts';
import { resourcesContract } from './resources.ts';
import { reuseContract } from './reuse.ts';
import type { Client, Handlers } from './rpc.ts';
import { scenesContract } from './scenes.ts';
import { settingsContract } from './settings.ts';
import { systemContract } from './system.ts';
import { tagsContract } from './tags.ts';
import { timelineContract } from './timeline.ts';
import { writeContract } from './write.ts';
import { writingPresetsContract } from './writing-presets.ts';

export const studioContract = {
  ...systemContract,
  ...settingsContract,
  ...modelsContract,
  ...inputsContract,
  ...promptsContract,
  ...resourcesContract,
  ...queueContract,
  ...timelineContract,
  ...imagesContract,
  ...importsContract,
  ...albumsContract,
  ...tagsContract,
  ...exportsContract,
  ...careContract,
  ...reuseContract,
  ...documentFilesContract,
  ...projectsContract,
  ...scenesContract,
  ...chatsContract,
  ...contextContract,
  ...writingPresetsContract,
  ...writeContract,
  ...readingContract,
} as const;

export type StudioContract = typeof studioContract;
export type StudioClient = Client<StudioContract>;
export type StudioHandlers = Handlers<StudioContract>;
