/** A picture of the library on its way from one place of the window to another. */
import { ImageId } from '../../../contract/ids.ts';
import { createCarrier } from '../../ui/carrier.ts';

export const {
  carry: carryPicture,
  carries: carriesPicture,
  carried: carriedPicture,
} = createCarrier('picture', ImageId, 'copyMove');
