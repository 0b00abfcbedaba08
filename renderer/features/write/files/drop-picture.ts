/** A picture of the library that is dropped on the page. */
import type { StudioClient } from '../../../../contract/studio.ts';
import type { Toasts } from '../../../app/toasts.ts';
import { carriedPicture } from '../../create/picture-drag.ts';
import { insertPicture } from '../document/insert-picture.ts';
import type { SceneSession } from '../session/scene-session.ts';

export async function dropPicture(
  client: StudioClient,
  toasts: Toasts,
  session: SceneSession,
  event: Pick<DragEvent, 'dataTransfer' | 'clientX' | 'clientY'>,
): Promise<void> {
  const id = event.dataTransfer && carriedPicture(event.dataTransfer);
  const at = session.view()?.posAtCoords({ left: event.clientX, top: event.clientY });
  if (!id) return;
  const place = session.track(at?.pos ?? session.state().selection.to, 1);
  try {
    const { contentHash, prompt } = await client['images.get']({ id });
    insertPicture(
      session,
      { contentHash, alt: prompt.slice(0, 300), caption: '' },
      place.position(),
    );
  } catch (error) {
    toasts.fail(error);
  } finally {
    place.release();
  }
}
