/**
 * Content Credentials (C2PA): a signed manifest in a picture that says how it came to be.
 *
 * Promises: the manifest says that a program made the picture, which one, and with what kind of source; nothing of
 * prompts, models or settings, whatever the profile. Pixels and metadata stay byte for byte. Credentials that a
 * file carries already stay.
 * Source: C2PA Technical Specification 2.1, §§8, 10, 13 (claims, signatures), Annex A (embedding).
 */
import 'reflect-metadata';
import { randomUUID, sign, type KeyObject } from 'node:crypto';
import { X509Certificate } from '@peculiar/x509';
import { BMFF, JPEG, PNG, type Asset } from '@trustnxt/c2pa-ts/asset';
import { CoseAlgorithmIdentifier, type Signer } from '@trustnxt/c2pa-ts/cose';
import {
  ActionAssertion,
  ActionType,
  AssertionLabels,
  BMFFHashAssertion,
  ClaimVersion,
  DataHashAssertion,
  type DigitalSourceType,
  ManifestStore,
} from '@trustnxt/c2pa-ts/manifest';
import { StudioError } from '../../../../contract/errors.ts';
import type { SigningCertificate } from './certificate-files.ts';
import type { SignedFormat } from './signed-formats.ts';

const assets = { png: PNG, jpeg: JPEG, avif: BMFF } as const satisfies Record<
  SignedFormat,
  unknown
>;
const hashAlgorithm = 'SHA-256';
const ecdsaAlgorithms: Readonly<Record<string, readonly [CoseAlgorithmIdentifier, string]>> = {
  prime256v1: [CoseAlgorithmIdentifier.ES256, 'sha256'],
  secp384r1: [CoseAlgorithmIdentifier.ES384, 'sha384'],
  secp521r1: [CoseAlgorithmIdentifier.ES512, 'sha512'],
};
/** Longest signature (RSA of 4096 bits) and what CBOR needs around it, bytes. */
const signatureRoom = 1024;

/** @throws {StudioError} `unsupported` for a kind of key that C2PA does not know */
export function createSigner({ chain, key }: SigningCertificate): Signer {
  const { algorithm, signed } = signatureOf(key);
  const [certificate, ...chainCertificates] = chain.map(({ raw }) => new X509Certificate(raw));
  if (!certificate) throw new RangeError('A chain has a certificate at least.');
  return {
    algorithm,
    certificate,
    chainCertificates,
    sign: (payload) => Promise.resolve(Uint8Array.from(signed(payload))),
  };
}

function signatureOf(key: KeyObject): {
  readonly algorithm: CoseAlgorithmIdentifier;
  readonly signed: (payload: Uint8Array) => Uint8Array;
} {
  switch (key.asymmetricKeyType) {
    case 'ec': {
      const known = ecdsaAlgorithms[key.asymmetricKeyDetails?.namedCurve ?? ''];
      if (!known) break;
      const [algorithm, hash] = known;
      // COSE has the two numbers side by side, not ASN.1.
      const signed = (payload: Uint8Array) =>
        sign(hash, payload, { key, dsaEncoding: 'ieee-p1363' });
      return { algorithm, signed };
    }
    case 'ed25519':
      return {
        algorithm: CoseAlgorithmIdentifier.Ed25519,
        signed: (payload) => sign(null, payload, key),
      };
    default:
  }
  throw new StudioError(
    'unsupported',
    'Pictures are signed with keys of the kinds ECDSA (P-256, P-384, P-521) and Ed25519. Choose such a certificate.',
  );
}

export interface PictureStatement {
  readonly signer: Signer;
  /** Of Atelier. */
  readonly version: string;
  /** IPTC's URI. */
  readonly digitalSourceType: string;
}

/** @returns the whole file with its manifest @throws the library's error where the file is damaged */
export async function signPicture(
  bytes: Uint8Array,
  format: SignedFormat,
  { signer, version, digitalSourceType }: PictureStatement,
): Promise<Uint8Array> {
  // The library changes what it was given.
  const asset: Asset = new assets[format](Uint8Array.from(bytes));
  if (asset.getManifestJUMBF()) return bytes;
  const store = new ManifestStore();
  const manifest = store.createManifest({
    claimVersion: ClaimVersion.V2,
    assetFormat: `image/${format}`,
    instanceID: `xmp:iid:${randomUUID()}`,
    defaultHashAlgorithm: hashAlgorithm,
    signer,
  });
  if (manifest.signature) manifest.signature.signatureData.paddingLength = signatureRoom;
  if (manifest.claim) {
    manifest.claim.claimGeneratorName = 'Atelier';
    manifest.claim.claimGeneratorVersion = version;
  }
  const hash =
    format === 'avif'
      ? BMFFHashAssertion.createV3('picture', hashAlgorithm)
      : DataHashAssertion.create(hashAlgorithm);
  const actions = new ActionAssertion();
  actions.label = AssertionLabels.actionsV2;
  actions.actions.push({
    action: ActionType.C2paCreated,
    digitalSourceType: digitalSourceType as DigitalSourceType,
    softwareAgent: { name: 'Atelier', version },
  });
  manifest.addAssertion(hash);
  manifest.addAssertion(actions);
  await asset.ensureManifestSpace(store.measureSize());
  await hash.updateWithAsset(asset);
  await manifest.sign(signer);
  await asset.writeManifestJUMBF(store.getBytes());
  return asset.getDataRange();
}
