/** A picture that is enlarged and nothing else: no model is loaded but the upscaler's. */
import type { DrawEvent, DrawFiles } from '../../../../contract/engine.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import type { SessionPool } from '../../session.ts';
import { readPicture } from '../pixels/read-picture.ts';
import { enlarge } from './enlarge.ts';
import { createRunClock } from './run-clock.ts';

/** A source that is kept as it is, and is to be larger. */
export function isPureUpscale({ source, upscale, hiresFix, branch }: ImageSettings): boolean {
  const isKept = source?.strength === 0 && source.mask === null && source.extend === null;
  return isKept && upscale !== null && hiresFix === null && branch === null;
}

/** @throws {StudioError} as `readPicture` and `enlarge` */
export async function* upscaleOnly(
  pool: SessionPool,
  { upscale }: ImageSettings,
  files: DrawFiles,
  signal: AbortSignal,
): AsyncGenerator<DrawEvent> {
  if (!upscale || files.source === null) return;
  const clock = createRunClock();
  const picture = await readPicture(files.source, 'source picture');
  yield { kind: 'upscaling' };
  signal.throwIfAborted();
  const { scale, upscaler } = upscale;
  const size = {
    width: Math.round(picture.width * scale),
    height: Math.round(picture.height * scale),
  };
  const { width, height, rgb } = await enlarge(picture, size, upscaler, files.upscaler, {
    pool,
    clock,
    signal,
  });
  yield { kind: 'image', width, height, rgb, provider: 'cpu', ...clock.totals() };
}
