import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BMFF, JPEG, PNG } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import { ActionAssertion, ManifestStore } from '@trustnxt/c2pa-ts/manifest';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addPicture, recipeOf } from '../../library/library.fixture.ts';
import { trainedAlgorithmicMedia } from '../../library/metadata/xmp.ts';
import { exported, filesIn, optionsOf, signal, temporaryExports } from '../exports.fixture.ts';
import { createCredentials } from './credentials.ts';
import { makeSigningCertificate } from './made-here.ts';

const readers = { png: PNG, jpeg: JPEG, avif: BMFF } as const;
type Signed = keyof typeof readers;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atelier-credentials-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const credentialsIn = (own: string) =>
  createCredentials({ folder: own, version: '1.2.3', now: Date.now });

async function read(bytes: Uint8Array, format: Signed) {
  const asset = new readers[format](Uint8Array.from(bytes));
  const jumbf = asset.getManifestJUMBF();
  if (!jumbf) return null;
  const store = ManifestStore.read(SuperBox.fromBuffer(Uint8Array.from(jumbf)));
  const { isValid } = await store.validate(asset);
  const assertions = store.getActiveManifest()?.assertions?.assertions ?? [];
  const actions = assertions.filter((one) => one instanceof ActionAssertion);
  return { isValid, actions: actions.flatMap((one) => one.actions) };
}

async function plain(format: Signed): Promise<Buffer> {
  return sharp({ create: { width: 32, height: 32, channels: 3, background: '#c33' } })
    .toFormat(format)
    .toBuffer();
}

describe('signing a picture', () => {
  it.each(['png', 'jpeg', 'avif'] as const)(
    'is verified in %s, shows a changed byte, and leaves the pixels as they were',
    async (format) => {
      const bytes = await plain(format);
      const signer = await credentialsIn(folder).open();
      const signed = await signer.sign(bytes, format, trainedAlgorithmicMedia);
      expect(await read(signed, format)).toMatchObject({
        isValid: true,
        actions: [
          {
            action: 'c2pa.created',
            digitalSourceType: trainedAlgorithmicMedia,
            softwareAgent: { name: 'Atelier', version: '1.2.3' },
          },
        ],
      });
      const pixels = (file: Uint8Array) => sharp(file).raw().toBuffer();
      expect((await pixels(signed)).equals(await pixels(bytes))).toBe(true);
      const changed = Uint8Array.from(signed);
      // The last byte of the picture's data; PNG has its checksum and the end behind it.
      const at = changed.length - (format === 'png' ? 20 : 8);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await read(changed, format))?.isValid).toBe(false);
    },
  );

  it('keeps the credentials that a file has already', async () => {
    const signer = await credentialsIn(folder).open();
    const signed = await signer.sign(await plain('png'), 'png', trainedAlgorithmicMedia);
    expect(await signer.sign(signed, 'png', trainedAlgorithmicMedia)).toBe(signed);
  });

  it('leaves formats without a place for it, and pictures of which nothing is claimed', async () => {
    const signer = await credentialsIn(folder).open();
    const bytes = await plain('png');
    expect(await signer.sign(bytes, 'webp', trainedAlgorithmicMedia)).toBe(bytes);
    expect(await signer.sign(bytes, 'png', null)).toBe(bytes);
  });
});

describe('the certificate', () => {
  it('is made once, for this account alone', async () => {
    const own = path.join(folder, 'credentials');
    await credentialsIn(own).open();
    const file = path.join(own, 'made-here.pem');
    const made = readFileSync(file, 'utf8');
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o777).toBe(0o600);
    await credentialsIn(own).open();
    expect(readFileSync(file, 'utf8')).toBe(made);
  });

  it("is a person's own where one lies in the folder, its key apart", async () => {
    const pem = await makeSigningCertificate(Date.now());
    const [certificates = '', key = ''] = pem.split(/(?=-----BEGIN PRIVATE KEY)/);
    writeFileSync(path.join(folder, 'certificate.pem'), certificates);
    writeFileSync(path.join(folder, 'private-key.pem'), key);
    const credentials = credentialsIn(folder);
    expect(await credentials.origin()).toBe('own');
    const signer = await credentials.open();
    const signed = await signer.sign(await plain('jpeg'), 'jpeg', trainedAlgorithmicMedia);
    expect((await read(signed, 'jpeg'))?.isValid).toBe(true);
    expect(createPrivateKey(key).asymmetricKeyType).toBe('ec');
  });

  it('is refused in words where a part is missing, strange or out of date', async () => {
    const certificate = path.join(folder, 'certificate.pem');
    const keyFile = path.join(folder, 'private-key.pem');
    const pem = await makeSigningCertificate(Date.now());
    writeFileSync(certificate, pem);
    const refused = (why: RegExp) =>
      expect(credentialsIn(folder).open()).rejects.toMatchObject({
        code: 'bad-request',
        message: expect.stringMatching(why) as string,
      });
    await refused(/private-key\.pem is missing/);
    writeFileSync(keyFile, 'no key');
    await refused(/no PEM file without a password/);
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    await refused(/belongs to none/);
    const old = await makeSigningCertificate(Date.UTC(2001, 0));
    writeFileSync(certificate, old);
    writeFileSync(keyFile, old.slice(old.indexOf('-----BEGIN PRIVATE KEY')));
    await refused(/is valid from/);
  });
});

describe('a signed export', () => {
  it('says of the picture how it was made and nothing of its prompt', async () => {
    await using temporary = await temporaryExports();
    const prompt = 'secret words';
    await addPicture(temporary.library, recipeOf({ seed: 1, prompt }), { side: 64 });
    const exports = await temporary.open();
    for (const format of ['png', 'jpeg', 'avif'] as const) {
      const out = path.join(temporary.root, format);
      mkdirSync(out);
      const job = await exported(
        exports,
        optionsOf(
          { kind: 'folder', path: out },
          { format, name: 'x', metadata: 'disclosure', contentCredentials: true },
        ),
      );
      expect(job).toMatchObject({ state: 'done', progress: { written: 1 } });
      const [file = ''] = await filesIn(out);
      const bytes = readFileSync(path.join(out, file));
      expect((await read(bytes, format))?.isValid).toBe(true);
      expect(bytes.includes(prompt)).toBe(false);
    }
  });

  it('is told before: whose certificate, and which formats stay unsigned', async () => {
    await using temporary = await temporaryExports();
    await addPicture(temporary.library, recipeOf({ seed: 1 }), { side: 64 });
    const { handlers } = await temporary.open();
    const options = optionsOf(
      { kind: 'folder', path: path.join(temporary.root, 'out') },
      { format: 'webp', contentCredentials: true },
    );
    const { problems } = await handlers['exports.preview'](
      { options, sample: 1, estimate: false },
      { signal },
    );
    const told = problems.filter(({ field }) => field === 'content-credentials');
    expect(told.map(({ severity }) => severity)).toEqual(['notice', 'notice']);
    expect(told.map(({ message }) => message).join(' ')).toMatch(/WEBP.+made on this computer/);
    // A preview makes nothing.
    expect(() => statSync(path.join(temporary.root, 'data/credentials'))).toThrow(/ENOENT/);
  });
});
