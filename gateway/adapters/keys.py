"""The gateway's own identity and keys, read from files and checked against the directory."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.settings import KeyFiles
from services.kit.credentials import CredentialError, TlsIdentity, read_tls
from services.kit.directory import GATEWAY, Directory
from services.kit.keyring import KeyRing
from services.kit.settings import TlsFiles


@dataclass(frozen=True, slots=True)
class GatewayKeys:
    """The gateway's keys.

    Attributes:
        tls: for gRPC.
        ring: sign statements and outcomes, and open what is encrypted to the gateway.
    """

    tls: TlsIdentity = field(repr=False)
    ring: KeyRing


def read_keys(tls: TlsFiles, keys: KeyFiles) -> GatewayKeys:
    """Reads certificate and keys.

    Raises:
        CredentialError: a file is missing, readable by others, or not what it should be.
    """
    return GatewayKeys(read_tls(tls.certificate_file, tls.key_file, tls.authority_file), keys.read(GATEWAY))


def check_keys(keys: GatewayKeys, directory: Directory, at: datetime) -> None:
    """Checks that certificate, keys and directory speak of the same gateway.

    Raises:
        CredentialError: the certificate names another; or nobody could verify or encrypt by the directory.
    """
    if keys.tls.organisation() != GATEWAY:
        raise CredentialError(f"the TLS certificate names another organisation: issue one for {GATEWAY}")
    reason = keys.ring.check(directory, at)
    if reason == "key_file_missing":
        raise CredentialError(
            "the directory's gateway keys are not those in the key files: correct the paths, or have the "
            "scheme publish the new keys"
        )
    if reason is not None:
        raise CredentialError(
            f"the directory has no usable keys of the gateway ({reason}): have the scheme publish them"
        )
