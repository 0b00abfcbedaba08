/**
 * The certificate and key that exports are signed with: files in a folder of the data folder.
 *
 * `certificate.pem` (the signer's first, its issuers behind it) and `private-key.pem` (PKCS#8, not encrypted) are a
 * person's own. Without them `made-here.pem` is used, which is made once and holds both; only the account that runs
 * Atelier can read it.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { StudioError } from '../../../../contract/errors.ts';
import { writeFileDurably } from '../../durable-file.ts';
import { systemCode } from '../../storage-error.ts';

export interface SigningCertificate {
  readonly origin: 'own' | 'made-here';
  /** The signer's first. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  readonly key: KeyObject;
}

const names = {
  certificate: 'certificate.pem',
  key: 'private-key.pem',
  madeHere: 'made-here.pem',
} as const;

const certificateBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * @returns null where there is none yet
 * @throws {StudioError} `bad-request` where it cannot be signed with what is there
 */
export async function readSigningCertificate(
  folder: string,
  now: number,
): Promise<SigningCertificate | null> {
  const [certificate, key, madeHere] = await Promise.all(
    [names.certificate, names.key, names.madeHere].map((name) => readIfThere(folder, name)),
  );
  if (certificate || key) {
    if (!certificate) throw unusable(folder, `${names.certificate} is missing`);
    if (!key) throw unusable(folder, `${names.key} is missing`);
    return { origin: 'own', ...understood(folder, certificate, key, now) };
  }
  return madeHere ? { origin: 'made-here', ...understood(folder, madeHere, madeHere, now) } : null;
}

/** @param pem certificates and key @throws the file system's error */
export async function keepMadeHere(folder: string, pem: string): Promise<void> {
  await writeFileDurably(path.join(folder, names.madeHere), pem, 0o600);
}

async function readIfThere(folder: string, name: string): Promise<string | null> {
  try {
    return await readFile(path.join(folder, name), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw unusable(folder, `${name} cannot be read`, error);
  }
}

function understood(
  folder: string,
  certificatePem: string,
  keyPem: string,
  now: number,
): Pick<SigningCertificate, 'chain' | 'key'> {
  let key: KeyObject;
  let certificates: X509Certificate[];
  try {
    key = createPrivateKey(keyPem);
    certificates = (certificatePem.match(certificateBlock) ?? []).map(
      (block) => new X509Certificate(block),
    );
  } catch (error) {
    throw unusable(folder, 'the certificate or its key is no PEM file without a password', error);
  }
  const signer = certificates.find((one) => one.checkPrivateKey(key));
  if (!signer) throw unusable(folder, 'the key belongs to none of the certificates');
  if (now < signer.validFromDate.getTime() || now > signer.validToDate.getTime())
    throw unusable(
      folder,
      `the certificate is valid from ${signer.validFrom} to ${signer.validTo}`,
    );
  return { key, chain: [signer, ...certificates.filter((one) => one !== signer)] };
}

function unusable(folder: string, why: string, cause?: unknown): StudioError {
  return new StudioError(
    'bad-request',
    `Pictures cannot be signed: ${why}. Look into "${folder}", or turn the signature off.`,
    { folder },
    { cause },
  );
}
