"""Both ends' checks of a release: the recipient's of what it got, the sender's of what was passed on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from services.kit.evidence.derive import is_derived
from services.kit.evidence.errors import ReleaseRefusedError
from services.kit.evidence.keys import VerifyingLookup
from services.kit.evidence.opening import OpenedSeal, open_seal
from services.kit.evidence.statement import Derived, Recipient, Statement, verify_statement
from services.kit.evidence.values import JsonValue

OTHER_SEAL: Final = "other_seal"
NEVER_SENT: Final = "never_sent"
NOT_DERIVED_FROM_ORIGINAL: Final = "not_derived_from_original"


@dataclass(frozen=True, slots=True)
class Release:
    """A verified release.

    Attributes:
        leaves: from path to value: what was disclosed, and derived values in place of originals.
        statement: what the gateway says.
        opened: the seal and what it discloses, untouched by derived values.
    """

    leaves: dict[str, JsonValue]
    statement: Statement
    opened: OpenedSeal


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One difference between what was sent and what the gateway says it released.

    Attributes:
        reason: `other_seal`, `never_sent` or `not_derived_from_original`.
        path: the leaf; empty if the whole seal differs. It may hold a map key: log its shape.
    """

    reason: str
    path: str


def verify_release(
    seal: str, statement: str, *, keys: VerifyingLookup, gateway: str, recipient: Recipient
) -> Release:
    """The recipient's check: seal and statement verify, belong together, and are for this desk.

    Whether it is still valid is for the caller's clock: `statement.expired(moment)`.

    Args:
        seal: the redacted seal, compact.
        statement: the statement, compact JWS.
        keys: the lookup of verifying keys of sender and gateway.
        gateway: the organisation that runs the gateway.
        recipient: this organisation and desk.

    Raises:
        SignatureRefusedError, KeyRefusedError, SealRefusedError, StatementRefusedError: one of the two does
            not verify.
        ReleaseRefusedError: another recipient, seal, exchange or sender; disclosures other than those listed.
    """
    return open_release(
        seal, verify_statement(statement, keys=keys, gateway=gateway), keys=keys, recipient=recipient
    )


def open_release(seal: str, said: Statement, *, keys: VerifyingLookup, recipient: Recipient) -> Release:
    """As `verify_release`, where the statement has been verified already."""
    opened = open_seal(seal, keys)
    _check_same(said, opened, recipient)
    if opened.leaves.keys() != set(said.disclosed):
        raise ReleaseRefusedError("other_disclosures")
    derived = {item.path: item.value for item in said.derived}
    return Release({**opened.leaves, **derived}, said, opened)


def check_against_original(
    original: Mapping[str, JsonValue], seal_hash: str, statement: Statement
) -> list[Discrepancy]:
    """The sender's check: did the gateway release anything that was not sent so?

    Args:
        original: all leaves that were sealed.
        seal_hash: the hash of the seal that was sent.
        statement: a verified statement about it.

    Returns:
        Every difference; empty if each disclosed leaf was sent and each derived value is the named function
        of the original, or a masking of it. Anything in it is an alarm.
    """
    if statement.seal_hash != seal_hash:
        return [Discrepancy(OTHER_SEAL, "")]
    return [*_never_sent(original, statement), *_not_derived(original, statement.derived)]


def _never_sent(original: Mapping[str, JsonValue], statement: Statement) -> Iterator[Discrepancy]:
    paths = (*statement.disclosed, *(item.path for item in statement.derived))
    return (Discrepancy(NEVER_SENT, path) for path in paths if path not in original)


def _not_derived(original: Mapping[str, JsonValue], derived: tuple[Derived, ...]) -> Iterator[Discrepancy]:
    for item in derived:
        if item.path in original and not is_derived(item.function, original[item.path], item.value):
            yield Discrepancy(NOT_DERIVED_FROM_ORIGINAL, item.path)


def _check_same(said: Statement, opened: OpenedSeal, recipient: Recipient) -> None:
    checks = (
        (said.recipient == recipient, "other_recipient"),
        (said.seal_hash == opened.seal_hash, "other_seal"),
        (said.exchange_id == opened.exchange_id, "other_exchange"),
        (said.sender == opened.issuer, "other_sender"),
    )
    for holds, reason in checks:
        if not holds:
            raise ReleaseRefusedError(reason)
