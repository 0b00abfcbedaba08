"""Reads signed exports with the reference reader of Content Credentials, c2pa-rs by its Python package.

Every format that is signed, with the certificate that is made here and with a person's own of each kind of key: the
manifest is `Valid` and its signer unknown; `Trusted` once the issuer is told to be; a changed byte is found. Ends
with 1 where that is not so.

    python models/recipes/golden/content_credentials.py
"""

import datetime
import re
import sys
import tempfile
from pathlib import Path

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from whole_exports import DIGITAL_SOURCE_TYPE, NEGATIVE, PROMPT, TAG, DrawnLibrary

FORMATS = ("png", "jpeg", "avif")
UNSIGNED = ("webp", "tiff")
EMAIL_PROTECTION = ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string
KEYS = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
}


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def put_own_certificate(folder: Path, kind: str) -> str:
    """A signer of that kind and its authority, as a person would get them; the authority's certificate."""
    authority_key, key = KEYS["P-256"](), KEYS[kind]()
    now = datetime.datetime.now(datetime.timezone.utc)

    def named(name: str) -> x509.Name:
        return x509.Name(
            [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "A person"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
        )

    def certificate(subject: str, public_key, is_authority: bool) -> x509.Certificate:
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "crl_sign",
             "encipher_only", "decipher_only"), False
        )  # fmt: skip
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(subject))
            .issuer_name(named("authority"))
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=not is_authority, key_cert_sign=is_authority, **usage), critical=True
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        )
        if not is_authority:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            )
        return builder.sign(authority_key, hashes.SHA256())

    authority = pem(certificate("authority", authority_key.public_key(), True))
    signer = pem(certificate("signer", key.public_key(), False))
    (folder / "certificate.pem").write_text(signer + authority)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "private-key.pem").write_bytes(private)
    return authority


def issuer_made_here(folder: Path) -> str:
    blocks = re.findall(
        r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n", (folder / "made-here.pem").read_text()
    )
    return blocks[1]


def read(file: Path, authority: str | None = None, content: bytes | None = None) -> tuple[str, list[str], dict]:
    """State, codes of failure, and the active manifest."""
    trust = {} if authority is None else {"user_anchors": authority, "trust_config": EMAIL_PROTECTION}
    context = c2pa.Context.from_dict({"verify": {"verify_trust": True}, "trust": trust})
    if content is not None:
        file = file.with_name(f"changed{file.suffix}")
        file.write_bytes(content)
    with c2pa.Reader(str(file), context=context) as reader:
        results = reader.get_validation_results()["activeManifest"]
        return reader.get_validation_state(), [each["code"] for each in results["failure"]], reader.get_active_manifest()


def check(file: Path, authority: str) -> None:
    state, failures, manifest = read(file)
    assert (state, failures) == ("Valid", ["signingCredential.untrusted"]), (state, failures)
    (generator,) = manifest["claim_generator_info"]
    assert generator["name"] == "Atelier" and re.fullmatch(r"\d+\.\d+\.\d+.*", generator["version"]), generator
    (actions,) = [each["data"] for each in manifest["assertions"] if each["label"].startswith("c2pa.actions")]
    (action,) = actions["actions"]
    assert action["action"] == "c2pa.created" and action["digitalSourceType"] == DIGITAL_SOURCE_TYPE, action
    told = str(manifest)
    assert not any(word in told for word in (PROMPT, NEGATIVE, TAG)), told
    trusted, failures, _ = read(file, authority)
    assert (trusted, failures) == ("Trusted", []), (trusted, failures)
    content = bytearray(file.read_bytes())
    # In the picture's own data, which ends the file but for 12 bytes of PNG and the checksum before them.
    content[-20] ^= 1
    changed, failures, _ = read(file, authority, bytes(content))
    expected = {"assertion.dataHash.mismatch", "assertion.bmffHash.mismatch"}
    assert changed == "Invalid" and expected & set(failures), (changed, failures)


def main() -> int:
    failures = 0
    print(f"c2pa-python {c2pa.__version__}, c2pa-rs {c2pa.sdk_version()}")
    with tempfile.TemporaryDirectory() as folder:
        library = DrawnLibrary(Path(folder))
        credentials = library.folder / "data" / "credentials"
        for kind in ("made here", *KEYS):
            own = None if kind == "made here" else put_own_certificate(credentials, kind)
            for file_format in FORMATS:
                file = library.export(file_format, "full", "--content-credentials")
                try:
                    check(file, own or issuer_made_here(credentials))
                    print(f"{file_format:5} {kind:10} Valid; Trusted with its issuer; a changed byte is found")
                except (AssertionError, c2pa.C2paError) as error:
                    failures += 1
                    print(f"{file_format:5} {kind:10} FAILED: {error!r}")
        for file_format in UNSIGNED:
            file = library.export(file_format, "full", "--content-credentials")
            try:
                c2pa.Reader(str(file)).close()
                failures += 1
                print(f"{file_format:5} FAILED: there is a manifest")
            except c2pa.C2paError.ManifestNotFound:
                print(f"{file_format:5} unsigned, as the preview says")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
