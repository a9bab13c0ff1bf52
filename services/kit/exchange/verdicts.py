"""The sender's check of an outcome: the gateway may withhold, and may release nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from publicprotection.exchange.v1.decision_pb2 import DECISION_OUTCOME_RELEASED
from publicprotection.exchange.v1.outbox_service_pb2 import (
    ALARM_KIND_LEAF_NOT_SENT,
    ALARM_KIND_STATEMENT_INVALID,
    ALARM_KIND_VALUE_ALTERED,
)
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_DECIDED, Outcome

from services.kit.directory import GATEWAY
from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.keys import VerifyingLookup
from services.kit.evidence.release import (
    NEVER_SENT,
    NOT_DERIVED_FROM_ORIGINAL,
    OTHER_SEAL,
    Discrepancy,
    check_against_original,
)
from services.kit.evidence.statement import Statement, verify_statement
from services.kit.exchange.headers import is_named
from services.kit.exchange.packets import hash_of
from services.kit.store.outcomes import StoredAlarm
from services.kit.store.sent import Original, SentExchange

_KINDS: Final = {
    NEVER_SENT: (ALARM_KIND_LEAF_NOT_SENT, "LEAF_NOT_SENT"),
    NOT_DERIVED_FROM_ORIGINAL: (ALARM_KIND_VALUE_ALTERED, "VALUE_ALTERED"),
    OTHER_SEAL: (ALARM_KIND_STATEMENT_INVALID, "OTHER_SEAL"),
}


@dataclass(frozen=True, slots=True)
class _Finding:
    kind: int
    code: str
    delivery_id: str = ""
    path: str = ""


def check_outcome(
    outcome: Outcome,
    sent: SentExchange | None,
    original: Original | None,
    *,
    keys: VerifyingLookup,
    at: datetime,
) -> list[StoredAlarm]:
    """Compares every statement in an outcome with what was sent.

    Args:
        outcome: verified.
        sent: the exchange that it is about, if it was sent from here.
        original: what was sealed.
        keys: the lookup of verifying keys.
        at: now.

    Returns:
        One alarm for each difference; none if the gateway released nothing but what was sent, as it was sent,
        to those for whom it was sent.
    """
    return [_alarm(outcome, finding, at) for finding in _findings(outcome, sent, original, keys)]


def _findings(
    outcome: Outcome, sent: SentExchange | None, original: Original | None, keys: VerifyingLookup
) -> Iterator[_Finding]:
    stated = set()
    for token in outcome.statements:
        try:
            statement = verify_statement(token, keys=keys, gateway=GATEWAY)
        except EvidenceError as error:
            yield _Finding(ALARM_KIND_STATEMENT_INVALID, error.reason.upper())
            continue
        stated.add(statement.delivery_id)
        yield from _compare(outcome, statement, sent, original)
    if outcome.kind == OUTCOME_KIND_DECIDED:
        yield from _unstated(outcome, stated)


def _compare(
    outcome: Outcome, statement: Statement, sent: SentExchange | None, original: Original | None
) -> Iterator[_Finding]:
    delivery_id = statement.delivery_id
    if sent is None or original is None:
        yield _Finding(ALARM_KIND_STATEMENT_INVALID, "UNKNOWN_EXCHANGE", delivery_id)
        return
    if statement.exchange_id != outcome.exchange_id:
        yield _Finding(ALARM_KIND_STATEMENT_INVALID, "OTHER_EXCHANGE", delivery_id)
    # A release to anybody whom the sender had not named is as bad as one of anything else.
    if not is_named(original.leaves, statement.recipient):
        yield _Finding(ALARM_KIND_STATEMENT_INVALID, "RECIPIENT_NOT_NAMED", delivery_id)
    for difference in check_against_original(original.leaves, sent.seal_hash, statement):
        yield _finding(difference, delivery_id)


def _finding(difference: Discrepancy, delivery_id: str) -> _Finding:
    kind, code = _KINDS[difference.reason]
    return _Finding(kind, code, delivery_id, difference.path)


def _unstated(outcome: Outcome, stated: set[str]) -> Iterator[_Finding]:
    """Releases for which the gateway shows no statement, so that nothing can be compared."""
    for decision in outcome.decisions:
        released = decision.outcome == DECISION_OUTCOME_RELEASED
        if released and decision.delivery_id and decision.delivery_id not in stated:
            yield _Finding(ALARM_KIND_STATEMENT_INVALID, "STATEMENT_MISSING", decision.delivery_id)


def _alarm(outcome: Outcome, finding: _Finding, at: datetime) -> StoredAlarm:
    named = f"{outcome.outcome_id}|{finding.delivery_id}|{finding.code}|{finding.path}"
    return StoredAlarm(
        cause=f"outcome:{hash_of(named)}",
        kind=finding.kind,
        code=finding.code,
        at=at,
        exchange_id=outcome.exchange_id,
        delivery_id=finding.delivery_id,
        path=finding.path,
    )
