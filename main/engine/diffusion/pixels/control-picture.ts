/** What a ControlNet is shown of a picture: the one way for drawing and for its preview. */
import type { ControlUse } from '../../../../contract/image-options.ts';
import { cannyEdges } from './canny.ts';
import { fitPicture } from './fit-picture.ts';
import type { Picture } from './picture.ts';

/** @returns of the size asked for; may be the picture itself where nothing is to be done */
export async function controlPicture(
  picture: Picture,
  preprocessor: ControlUse['preprocessor'],
  width: number,
  height: number,
): Promise<Picture> {
  const fitted = await fitPicture(picture, width, height, 'crop');
  switch (preprocessor) {
    case 'none':
      return fitted;
    case 'canny':
      return cannyEdges(fitted);
    case 'invert':
      return { ...fitted, rgb: fitted.rgb.map((level) => 255 - level) };
    default:
      return preprocessor satisfies never;
  }
}
