"""What a TLS certificate says of itself: whose it is, who vouches for it, until when. Pure, but for PEM."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from services.kit.credentials import ORGANISATION_URN, CredentialError, TlsIdentity

_LONGEST_CHAIN: Final = 8


@dataclass(frozen=True, slots=True)
class CertificateState:
    """What is to be known of a certificate before it is relied on.

    Attributes:
        organisations: ids that it names; a good one names one.
        not_before: from when on it and what vouches for it are valid, aware.
        not_after: until when.
        is_chained: whether one of the authorities vouches for it, over the intermediates in its file.
        is_paired: whether the private key is its own.
    """

    organisations: frozenset[str]
    not_before: datetime
    not_after: datetime
    is_chained: bool
    is_paired: bool


def inspect_certificate(tls: TlsIdentity) -> CertificateState:
    """Reads what a process shows its peers.

    Raises:
        CredentialError: certificate, key or authority is not PEM of its kind.
    """
    shown, authorities = read_certificates(tls.certificate), read_certificates(tls.authority)
    chain, is_chained = _follow(shown, authorities)
    return CertificateState(
        organisations=name_organisations(shown[0]),
        not_before=max(each.not_valid_before_utc for each in chain),
        not_after=min(each.not_valid_after_utc for each in chain),
        is_chained=is_chained,
        is_paired=_public_key(shown[0]) == _public_half(tls.key),
    )


def read_certificates(pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file, in order; CredentialError if it holds none."""
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise CredentialError(
            "a certificate file holds no PEM certificate: put the file in place again"
        ) from None


def name_organisations(certificate: x509.Certificate) -> frozenset[str]:
    """The organisations that a certificate names."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return frozenset()
    uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    return frozenset(uri.removeprefix(ORGANISATION_URN) for uri in uris if uri.startswith(ORGANISATION_URN))


def _follow(
    shown: Sequence[x509.Certificate], authorities: Sequence[x509.Certificate]
) -> tuple[list[x509.Certificate], bool]:
    """The chain from the first certificate to an authority as far as it goes, and whether it gets there."""
    chain = [shown[0]]
    while len(chain) < _LONGEST_CHAIN:
        for authority in authorities:
            if _vouches(authority, chain[-1]):
                return [*chain, authority], True
        above = [each for each in shown[1:] if each not in chain and _vouches(each, chain[-1])]
        if not above:
            break
        chain.append(above[0])
    return chain, False


def _vouches(issuer: x509.Certificate, issued: x509.Certificate) -> bool:
    try:
        issued.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _public_key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _public_half(key: bytes) -> bytes:
    try:
        loaded = load_pem_private_key(key, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CredentialError(
            "a TLS key file holds no PEM private key, or one with a passphrase: put it in place without"
        ) from None
    return loaded.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
