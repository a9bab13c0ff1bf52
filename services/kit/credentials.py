"""Secrets of one process, read from files that only their owner can read.

A secret is named by its path and never carried in a setting, an argument or the environment.
"""

import os
import re
import stat
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.keys import SIGNING_CURVE, DecryptionKey, SigningKey, VerifyingKey
from services.kit.keyring import KeyRing

ORGANISATION_URN: Final = "urn:publicprotection:organisation:"
AT_REST_OCTETS: Final = 32
KEY_FILES: Final = "*.jwk"
"""Names of the files of a key folder that hold a key pair."""

_MAX_FILE_OCTETS: Final = 1 << 20
_BASE64URL: Final = re.compile(rb"[A-Za-z0-9_-]+=?")


class CredentialError(Exception):
    """A file of credentials is missing, readable by others, or not what it should be; says what to do."""


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """What a process shows its peers, and whom it trusts; all PEM.

    Attributes:
        certificate: own certificate, with intermediates.
        key: its private key.
        authority: certificates of the authorities whose certificates are accepted.
    """

    certificate: bytes
    key: bytes = field(repr=False)
    authority: bytes

    def organisation(self) -> str:
        """The organisation that the certificate names; CredentialError unless it names exactly one."""
        named = {
            uri.removeprefix(ORGANISATION_URN)
            for uri in _read_uris(self.certificate)
            if uri.startswith(ORGANISATION_URN)
        }
        if len(named) != 1:
            raise CredentialError(
                f"the TLS certificate names {len(named)} organisations: issue one with exactly one URI "
                f"{ORGANISATION_URN}<organisation>"
            )
        return named.pop()


@dataclass(frozen=True, slots=True)
class Credentials:
    """The keys of one organisation's process.

    Attributes:
        tls: for gRPC.
        ring: signs seals, receipts and acknowledgements, and opens what is encrypted to us.
        at_rest: 32 bytes, encrypts what is stored.
    """

    tls: TlsIdentity = field(repr=False)
    ring: KeyRing
    at_rest: bytes = field(repr=False)


def read_tls(certificate: Path, key: Path, authority: Path) -> TlsIdentity:
    """Reads a TLS identity; CredentialError says what is wrong with which file."""
    return TlsIdentity(read_public(certificate), read_secret(key), read_public(authority))


def read_signing_key(path: Path, owner: str) -> SigningKey:
    """Reads an Ed25519 private JWK; CredentialError if it is none."""
    try:
        return SigningKey.from_jwk(_read_jwk(path), owner=owner)
    except EvidenceError as error:
        raise _refuse_key(path, "an Ed25519 private JWK", error) from None


def read_decryption_keys(paths: Sequence[Path], owner: str) -> tuple[DecryptionKey, ...]:
    """Reads X25519 private JWKs, in order; CredentialError if one is none."""
    return tuple(_read_decryption_key(path, owner) for path in paths)


def read_key_folder(folder: Path, owner: str) -> KeyRing:
    """Reads every `*.jwk` of a folder: Ed25519 pairs sign, X25519 pairs open.

    Raises:
        CredentialError: there is no such folder, or a file in it is neither, or others may read it.
    """
    if not folder.is_dir():
        raise CredentialError(f"{folder}: is no folder. Make it, or correct its path in the settings")
    signing, decryption = list[SigningKey](), list[DecryptionKey]()
    for path in sorted(folder.glob(KEY_FILES)):
        jwk = _read_jwk(path)
        try:
            if jwk.get("crv") == SIGNING_CURVE:
                signing.append(SigningKey.from_jwk(jwk, owner=owner))
            else:
                decryption.append(DecryptionKey.from_jwk(jwk, owner=owner))
        except EvidenceError as error:
            raise _refuse_key(path, "an Ed25519 or X25519 private JWK", error) from None
    return KeyRing(owner, tuple(signing), tuple(decryption))


def read_kid(path: Path) -> str | None:
    """The id of the key pair in a file; None if it holds none. CredentialError if the file cannot be read."""
    jwk = _read_jwk(path)
    made = SigningKey if jwk.get("crv") == SIGNING_CURVE else DecryptionKey
    try:
        return made.from_jwk(jwk, owner="").kid
    except EvidenceError:
        return None


def read_verifying_key(path: Path, owner: str) -> VerifyingKey:
    """Reads an Ed25519 public JWK; CredentialError if it is none."""
    try:
        return VerifyingKey.from_jwk(_parse_jwk(path, read_public(path)), owner=owner)
    except EvidenceError as error:
        raise _refuse_key(path, "an Ed25519 public JWK", error) from None


def read_at_rest_key(path: Path) -> bytes:
    """Reads 32 bytes in base64url; CredentialError if they are not."""
    text = read_secret(path).strip()
    try:
        key = urlsafe_b64decode(text + b"=" * (-len(text) % 4)) if _BASE64URL.fullmatch(text) else b""
    except Base64Error:
        key = b""
    if len(key) != AT_REST_OCTETS:
        raise CredentialError(f"{path}: must hold {AT_REST_OCTETS} random bytes in base64url, on one line")
    return key


def read_secret(path: Path) -> bytes:
    """Reads a file that nobody but its owner may read; CredentialError otherwise, with the command to run."""
    try:
        with path.open("rb") as file:
            # Asked of the open file, so that another cannot be put in its place in between.
            _refuse_open(path, os.fstat(file.fileno()))
            return _limit(path, file.read(_MAX_FILE_OCTETS + 1))
    except OSError as error:
        raise _refuse_file(path, error) from None


def require_private(path: Path) -> None:
    """CredentialError, with the command to run, if anybody but a file's owner may use it."""
    try:
        _refuse_open(path, path.stat())
    except OSError as error:
        raise _refuse_file(path, error) from None


def read_public(path: Path, max_octets: int = _MAX_FILE_OCTETS) -> bytes:
    """Reads a file that is no secret; CredentialError if it is missing, empty or too large."""
    try:
        with path.open("rb") as file:
            return _limit(path, file.read(max_octets + 1), max_octets)
    except OSError as error:
        raise _refuse_file(path, error) from None


def _refuse_open(path: Path, state: os.stat_result) -> None:
    if stat.S_IMODE(state.st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialError(f"{path}: others may read this secret. Run: chmod 600 {path}")


def _limit(path: Path, content: bytes, max_octets: int = _MAX_FILE_OCTETS) -> bytes:
    if not content.strip():
        raise CredentialError(f"{path}: is empty. Put the file in place again")
    if len(content) > max_octets:
        raise CredentialError(
            f"{path}: is larger than {max_octets} bytes, so not what the settings say it is"
        )
    return content


def _read_decryption_key(path: Path, owner: str) -> DecryptionKey:
    try:
        return DecryptionKey.from_jwk(_read_jwk(path), owner=owner)
    except EvidenceError as error:
        raise _refuse_key(path, "an X25519 private JWK", error) from None


def _read_jwk(path: Path) -> dict[str, Any]:
    return _parse_jwk(path, read_secret(path))


def _parse_jwk(path: Path, content: bytes) -> dict[str, Any]:
    try:
        jwk = parse_strictly(content)
    except (EvidenceError, UnicodeDecodeError):
        jwk = None
    if not isinstance(jwk, dict):
        raise CredentialError(f"{path}: must hold one JSON Web Key")
    return jwk


def _read_uris(certificate: bytes) -> list[str]:
    try:
        names = x509.load_pem_x509_certificate(certificate).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except (ValueError, x509.ExtensionNotFound):
        return []
    return names.value.get_values_for_type(x509.UniformResourceIdentifier)


def _refuse_key(path: Path, wanted: str, error: EvidenceError) -> CredentialError:
    return CredentialError(f"{path}: must hold {wanted} ({error.reason})")


def _refuse_file(path: Path, error: OSError) -> CredentialError:
    what = "does not exist" if isinstance(error, FileNotFoundError) else "cannot be read"
    return CredentialError(f"{path}: {what}. Put it in place, or correct its path in the settings")
