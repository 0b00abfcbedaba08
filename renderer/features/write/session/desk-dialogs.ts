/** What lies over the desk and asks for something; one at a time. */
import type { CharacterCard } from '../../../../contract/writing-presets.ts';

export type DeskDialog =
  | { readonly kind: 'context' }
  | { readonly kind: 'export' }
  | { readonly kind: 'picture' }
  | {
      readonly kind: 'card';
      readonly fileName: string;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly card: CharacterCard;
    };
