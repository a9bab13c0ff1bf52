"""The record of the story, read as the co-ordination unit reads it, and compared with what was played."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from publicprotection.exchange.v1.decision_pb2 import (
    DECISION_OUTCOME_HELD,
    DECISION_OUTCOME_REFUSED,
    DECISION_OUTCOME_RELEASED,
    Decision,
)
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    ListRecordsRequest,
    LogRecord,
)
from publicprotection.oversight.v1.register_service_pb2 import ListExchangesRequest, RegisteredExchange
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from deploy.story.clients import DEADLINE_S, OversightClient
from deploy.story.played import PlayedAnswer, PlayedSend, PlayedStep, ReadRecord
from services.kit.evidence.merkle import record_hash

_PAGE: Final = 500
_RECORD_OF: Final = {
    DECISION_OUTCOME_RELEASED: "DISCLOSURE",
    DECISION_OUTCOME_HELD: "HOLD",
    DECISION_OUTCOME_REFUSED: "REFUSAL",
}


async def read_record(oversight: OversightClient, steps: Iterable[PlayedStep]) -> ReadRecord:
    """Read the log and the register, and compare them with what was played.

    Raises:
        grpc.aio.AioRpcError: The gateway refused.
    """
    entries, register = await _read_log(oversight), await _read_register(oversight)
    played = list(steps)
    mismatches = [*_compare_hashes(entries), *_compare_steps(played, entries, register)]
    return ReadRecord(tuple(entries), tuple(register), mismatches=tuple(mismatches))


READER: Final = Acting(reason="To see that each step of the story is on record as it was played.")
"""Why the log is read at the end of the story."""


def entry_of(record: LogRecord) -> dict[str, Any]:
    """The entry's members."""
    members: dict[str, Any] = json.loads(record.entry)
    return members


async def _read_log(oversight: OversightClient) -> list[LogRecord]:
    """Every page: a record a query, so the last page is short."""
    found: list[LogRecord] = []
    while True:
        request = ListRecordsRequest(
            purpose=LOG_PURPOSE_VERIFY_LAWFULNESS,
            acting=READER,
            after_position=found[-1].position if found else 0,
            page_size=_PAGE,
        )
        page = (await oversight.log.ListRecords(request, timeout=DEADLINE_S)).records
        found.extend(page)
        if len(page) < _PAGE:
            return found


async def _read_register(oversight: OversightClient) -> list[RegisteredExchange]:
    found: list[RegisteredExchange] = []
    while True:
        after = found[-1].position if found else 0
        request = ListExchangesRequest(after_position=after, page_size=_PAGE)
        page = (await oversight.register.ListExchanges(request, timeout=DEADLINE_S)).exchanges
        found.extend(page)
        if len(page) < _PAGE:
            return found


def _compare_hashes(entries: Iterable[LogRecord]) -> Iterator[str]:
    """Each record's hash must follow from its entry: whoever reads it needs to trust nobody."""
    for record in entries:
        if record_hash(record.entry.encode()) != record.record_hash:
            yield f"the hash of record {record.position} does not follow from its entry"


def _compare_steps(
    steps: Iterable[PlayedStep], entries: list[LogRecord], register: list[RegisteredExchange]
) -> Iterator[str]:
    members = [entry_of(record) for record in entries]
    registered = {exchange.exchange_id: exchange for exchange in register}
    for step in steps:
        yield from _compare_sent(step, members, registered)
        if step.answered is not None:
            yield from _compare_answered(step.answered, members)
        for said in step.acknowledged:
            if not _find(members, "ACKNOWLEDGEMENT", delivery=said.delivery_id):
                yield f"no record of the acknowledgement of {said.delivery_id}"


def _compare_sent(
    step: PlayedStep, members: list[dict[str, Any]], registered: Mapping[str, RegisteredExchange]
) -> Iterator[str]:
    if step.sent is None:
        return
    exchange = registered.get(step.sent.exchange_id)
    if exchange is None:
        yield f"the exchange of step {step.step.id} is not in the register"
    else:
        yield from _compare_register(step.step.id, exchange)
    yield from _compare_decisions(step.sent, step.sent.exchange_id, members)


def _compare_register(step: str, exchange: RegisteredExchange) -> Iterator[str]:
    for delivery in exchange.deliveries:
        if not delivery.HasField("receipted_at"):
            yield f"the register has no receipt from {delivery.organisation} in the exchange of step {step}"


def _compare_answered(answered: PlayedAnswer, members: list[dict[str, Any]]) -> Iterator[str]:
    exchange_id = answered.asked.exchange_id
    if not _find(members, "HOLD_GRANTED", "HOLD_DECLINED", exchange=exchange_id):
        yield f"no record of the answer to the hold on {exchange_id}"
    yield from _compare_decisions(answered, exchange_id, members)


def _compare_decisions(
    played: PlayedSend | PlayedAnswer, exchange_id: str, members: list[dict[str, Any]]
) -> Iterator[str]:
    for address, decision in played.decisions.items():
        kind = _RECORD_OF.get(decision.outcome, "")
        if not _find(members, kind, exchange=exchange_id, recipient=address):
            yield f"no {kind} record of {exchange_id} for {address}"
        yield from _compare_receipt(decision, members)


def _compare_receipt(decision: Decision, members: list[dict[str, Any]]) -> Iterator[str]:
    if decision.delivery_id and not _find(members, "RECEIPT", delivery=decision.delivery_id):
        yield f"no record of the receipt of {decision.delivery_id}"


def _find(members: list[dict[str, Any]], *kinds: str, **codes: str) -> bool:
    return any(
        entry["type"] in kinds and all(entry.get(name) == value for name, value in codes.items())
        for entry in members
    )
