/**
 * Signing of exports, as far as an export needs to know of it.
 *
 * Promises: nothing is made or loaded before the first export that is to be signed.
 */
import type { PictureFormat } from '../../../../contract/picture-facts.ts';
import { keepMadeHere, readSigningCertificate } from './certificate-files.ts';
import { isSigned } from './signed-formats.ts';

export interface PictureSigner {
  /**
   * @param digitalSourceType IPTC's URI; null where nothing is claimed of the picture
   * @returns the same bytes where there is nothing to sign, or no way to in this format
   */
  sign(
    bytes: Uint8Array,
    format: PictureFormat,
    digitalSourceType: string | null,
  ): Promise<Uint8Array>;
}

export interface Credentials {
  /** Where a person's own certificate is looked for. */
  readonly folder: string;
  /** Makes nothing. @throws {StudioError} `bad-request` where what is there cannot be used */
  origin(): Promise<'own' | 'made-here'>;
  /** Makes a certificate where there is none. @throws {StudioError} `bad-request`, `unsupported`; the file system's errors */
  open(): Promise<PictureSigner>;
}

export interface CredentialsOptions {
  readonly folder: string;
  /** Of Atelier. */
  readonly version: string;
  readonly now: () => number;
}

/** About what a manifest adds to a file, bytes. */
export const manifestBytes = 3500;

export function createCredentials({ folder, version, now }: CredentialsOptions): Credentials {
  const read = () => readSigningCertificate(folder, now());
  return {
    folder,
    origin: async () => (await read())?.origin ?? 'made-here',
    async open() {
      const { createSigner, signPicture } = await import('./sign-picture.ts');
      let certificate = await read();
      if (!certificate) {
        const { makeSigningCertificate } = await import('./made-here.ts');
        await keepMadeHere(folder, await makeSigningCertificate(now()));
        certificate = await read();
      }
      if (!certificate) throw new Error(`The certificate in "${folder}" vanished.`);
      const signer = createSigner(certificate);
      return {
        sign: async (bytes, format, digitalSourceType) =>
          digitalSourceType === null || !isSigned(format)
            ? bytes
            : signPicture(bytes, format, { signer, version, digitalSourceType }),
      };
    },
  };
}
