import type { ImageId } from '../../../contract/ids.ts';
import { useRecentImages } from '../../app/queries.ts';
import { useWindow } from '../../app/window-model.ts';

/** @returns lays a picture over what it was drawn from, else over the one made before it */
export function useCompare(): (id: ImageId) => Promise<void> {
  const { client, comparison, queries, toasts } = useWindow();
  const { data: recent = [] } = useRecentImages();
  return async (id) => {
    await toasts.watch(
      queries
        .fetchQuery({
          queryKey: ['images', 'detail', id],
          queryFn: () => client['images.get']({ id }),
        })
        .then(({ recipe }) => {
          const hash = recipe?.settings.source?.picture;
          const place = recent.findIndex((image) => image.id === id);
          const older = recent[place + 1] ?? recent.find((image) => image.id !== id);
          if (hash) comparison.set({ after: id, before: { kind: 'source', hash } });
          else if (older) comparison.set({ after: id, before: { kind: 'image', id: older.id } });
          else toasts.say('Make a second picture, and this one can be compared with it');
        }),
    );
  };
}
