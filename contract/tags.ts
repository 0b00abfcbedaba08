/** The tags of the library's pictures. */
import { z } from 'zod';
import { Changed, Tag } from './images.ts';
import { call } from './rpc.ts';

export const TagUse = z.object({
  name: z.string(),
  /** Pictures outside the trash. */
  count: z.number().int(),
});
export type TagUse = z.infer<typeof TagUse>;

export const tagsContract = {
  /** By name. */
  'tags.list': call(z.object({}), z.object({ tags: z.array(TagUse) })),
  /**
   * To the name of another tag: both become one. To another case of its own: that case is kept.
   * @throws {StudioError} `not-found`
   */
  'tags.rename': call(z.object({ from: Tag, to: Tag }), Changed),
  /** Takes a tag off all pictures. @throws {StudioError} `not-found` */
  'tags.remove': call(z.object({ name: Tag }), Changed),
} as const;
