"""A certificate authority for development, the demo and the tests.

Every process of this project speaks mutual TLS, also on one machine. A real deployment brings certificates
of its own; here they are made in an instant, live for days, and never leave the directory they are put in.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION_URN = "urn:publicprotection:organisation:"
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Usage:
    """What a certificate may be used for; a process that both calls and serves needs both."""

    client: bool = True
    server: bool = True

    def extension(self) -> x509.ExtendedKeyUsage:
        """Return the X.509 extension that says so."""
        wanted = [
            (self.client, ExtendedKeyUsageOID.CLIENT_AUTH),
            (self.server, ExtendedKeyUsageOID.SERVER_AUTH),
        ]
        return x509.ExtendedKeyUsage([purpose for granted, purpose in wanted if granted])


@dataclass(frozen=True)
class IssuedFiles:
    """Where one identity's files are: its certificate, its private key and the authority's certificate."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True)
class CertificateAuthority:
    """An authority with an EC P-256 key.

    Attributes:
        certificate: The self-signed root that every party of the deployment trusts.
        key: Its private key; held in memory unless `save` is called.
        lifetime: How long the certificates that it issues are valid.
    """

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    lifetime: timedelta

    @classmethod
    def create(
        cls, common_name: str = "Public Protection development CA", lifetime: timedelta = timedelta(days=30)
    ) -> Self:
        """Make a new authority, valid for as long as what it issues."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        builder = (
            _builder(subject, subject, key.public_key(), lifetime)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(authority=True), critical=True)
        )
        return cls(builder.sign(key, hashes.SHA256()), key, lifetime)

    @property
    def certificate_pem(self) -> bytes:
        """The root certificate, PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(
        self,
        common_name: str,
        organisation: str,
        *,
        dns: Sequence[str] = ("localhost",),
        ip: Sequence[str] = ("127.0.0.1",),
        usage: Usage = Usage(),
    ) -> tuple[bytes, bytes]:
        """Issue a certificate for one process of an organisation.

        Args:
            common_name: What people read, for example `prison`.
            organisation: The directory's id; becomes the URI `urn:publicprotection:organisation:<id>`, by
                which a peer is known.
            dns: Host names that the process serves under.
            ip: Addresses that the process serves under.
            usage: Client, server or both.

        Returns:
            Certificate and private key (PKCS 8, not encrypted), both PEM.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(
            _subject(common_name, organisation), self.certificate.subject, key.public_key(), self.lifetime
        )
        for extension, critical in self._extensions(organisation, dns, ip, usage):
            builder = builder.add_extension(extension, critical=critical)
        certificate = builder.sign(self.key, hashes.SHA256())
        return certificate.public_bytes(serialization.Encoding.PEM), _key_pem(key)

    def issue_files(
        self, directory: Path, common_name: str, organisation: str, *, usage: Usage = Usage()
    ) -> IssuedFiles:
        """Issue as `issue` does and write `<common_name>.crt`, `.key` and `authority.crt`, mode 0600."""
        certificate, key = self.issue(common_name, organisation, usage=usage)
        files = IssuedFiles(
            certificate=directory / f"{common_name}.crt",
            key=directory / f"{common_name}.key",
            authority=directory / "authority.crt",
        )
        write_private(files.certificate, certificate)
        write_private(files.key, key)
        write_private(files.authority, self.certificate_pem)
        return files

    def _extensions(
        self, organisation: str, dns: Sequence[str], ip: Sequence[str], usage: Usage
    ) -> list[tuple[x509.ExtensionType, bool]]:
        names: list[x509.GeneralName] = [x509.UniformResourceIdentifier(ORGANISATION_URN + organisation)]
        names += [x509.DNSName(name) for name in dns]
        names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ip]
        return [
            (x509.SubjectAlternativeName(names), False),
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_key_usage(authority=False), True),
            (usage.extension(), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False),
        ]


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, never with wider rights even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    part.replace(path)


def _subject(common_name: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lifetime: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
