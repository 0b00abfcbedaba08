/**
 * A certificate for signing, made on this computer.
 *
 * Nobody vouches for it, so readers call it untrusted; it shows all the same that a file is as it was exported. It
 * is issued by an authority whose key is forgotten at once, since C2PA forbids a signer that issued itself.
 * Source: C2PA Technical Specification 2.1, §14.5.1 (certificate profile).
 */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const validYears = 10;
const emailProtection = '1.3.6.1.5.5.7.3.4';
const { digitalSignature, keyCertSign } = x509.KeyUsageFlags;

/** @returns the signer's certificate, its issuer's, and the signer's key, as PEM */
export async function makeSigningCertificate(now: number): Promise<string> {
  const authorityKeys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const notBefore = new Date(now - 60_000);
  const notAfter = new Date(now);
  notAfter.setFullYear(notAfter.getFullYear() + validYears);
  const shared = { notBefore, notAfter, signingAlgorithm: algorithm };
  const authority = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...shared,
      name: 'CN=Atelier on this computer, O=Atelier',
      keys: authorityKeys,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(keyCertSign, true),
        await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
      ],
    },
    webcrypto,
  );
  const signer = await x509.X509CertificateGenerator.create(
    {
      ...shared,
      subject: 'CN=Pictures of this computer, O=Atelier',
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([emailProtection], false),
        await x509.AuthorityKeyIdentifierExtension.create(authorityKeys.publicKey),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  const key = x509.PemConverter.encode(
    await webcrypto.subtle.exportKey('pkcs8', keys.privateKey),
    'PRIVATE KEY',
  );
  return `${[signer.toString('pem'), authority.toString('pem'), key].join('\n')}\n`;
}
