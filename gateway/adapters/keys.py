"""The gateway's own identity and keys, read from files and checked against the directory."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.settings import KeyFiles
from services.kit.credentials import (
    CredentialError,
    TlsIdentity,
    read_decryption_keys,
    read_signing_key,
    read_tls,
)
from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.errors import KeyRefusedError
from services.kit.evidence.keys import DecryptionKey, SigningKey
from services.kit.settings import TlsFiles


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """The gateway's keys.

    Attributes:
        tls: for gRPC.
        signing: signs statements and outcomes.
        decryption: opens what is encrypted to the gateway; the current key first.
    """

    tls: TlsIdentity = field(repr=False)
    signing: SigningKey
    decryption: tuple[DecryptionKey, ...]


def read_keys(tls: TlsFiles, keys: KeyFiles) -> GatewayKeys:
    """Reads certificate and keys.

    Raises:
        CredentialError: a file is missing, readable by others, or not what it should be.
    """
    return GatewayKeys(
        read_tls(tls.certificate_file, tls.key_file, tls.authority_file),
        read_signing_key(keys.signing_file, GATEWAY),
        read_decryption_keys(keys.encryption_files, GATEWAY),
    )


def check_keys(keys: GatewayKeys, directory: Directory, at: datetime) -> None:
    """Checks that certificate, keys and directory speak of the same gateway.

    Raises:
        CredentialError: the certificate names another; or nobody could verify or encrypt by the directory.
    """
    if keys.tls.organisation() != GATEWAY:
        raise CredentialError(f"the TLS certificate names another organisation: issue one for {GATEWAY}")
    try:
        signing = directory.keys.verifying(keys.signing.kid, at)
        encryption = directory.keys.encryption_key(GATEWAY, at)
    except KeyRefusedError as error:
        raise CredentialError(
            f"the directory has no usable keys of the gateway ({error.reason}): have the scheme publish them"
        ) from None
    if signing.owner != GATEWAY or encryption.kid not in {key.kid for key in keys.decryption}:
        raise CredentialError(
            "the directory's gateway keys are not those in the key files: correct the paths, or have the "
            "scheme publish the new keys"
        )
