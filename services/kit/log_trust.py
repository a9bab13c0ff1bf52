"""From the signed directory to what it means for the log: its keys and its witnesses."""

from services.kit.directory import GATEWAY, Directory, DirectoryError, verify_directory
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.keys import VerifyingKey
from services.kit.evidence.quorum import majority
from services.kit.evidence.vouching import OpenTrust, Trust


def trust_in(directory: Directory) -> Trust:
    """What a verified directory says about the log, and the scheme's policy demands of its witnesses."""
    witnesses = frozenset(directory.witnesses)
    return Trust(
        keys=directory.keys,
        log=GATEWAY,
        witnesses=witnesses,
        policy=majority(witnesses),
        serial=directory.serial,
        issued_at=directory.issued_at,
        valid_until=directory.valid_until,
    )


def trust_opener(scheme: VerifyingKey, fingerprint: str, *, lowest_serial: int = 0) -> OpenTrust:
    """Opens directories that come with evidence; one may be old, if it was valid for its checkpoint.

    Args:
        scheme: the scheme's public key.
        fingerprint: its RFC 7638 thumbprint, from where it can be trusted.
        lowest_serial: a directory with a lower serial is refused.
    """

    def open_trust(token: str) -> Trust:
        try:
            directory = verify_directory(token, scheme, fingerprint=fingerprint, lowest_serial=lowest_serial)
        except DirectoryError as error:
            raise BundleRefusedError("directory_refused", detail=str(error)) from None
        return trust_in(directory)

    return open_trust
