"""Telling people of a clock: each step is a record and a signed outcome, without personal data."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import clock_pb2, outcome_pb2

from gateway.app.clocks.rows import ClockRow
from gateway.app.collecting import named_in
from gateway.app.envelopes import report
from gateway.app.records import RecordType, record
from gateway.app.tools import Work
from gateway.core.deadlines.starting import unit_of
from gateway.core.deadlines.steps import Step, StepKind

UNIT: Final = "MAPPA_COORDINATION_UNIT"


class _Kinds(NamedTuple):
    record: RecordType
    outcome: outcome_pb2.OutcomeKind.ValueType


_KINDS: Final[Mapping[StepKind, _Kinds]] = {
    StepKind.REMINDER: _Kinds(RecordType.CLOCK_REMINDED, outcome_pb2.OUTCOME_KIND_CLOCK_REMINDER),
    StepKind.ESCALATION: _Kinds(RecordType.CLOCK_ESCALATED, outcome_pb2.OUTCOME_KIND_CLOCK_ESCALATED),
    StepKind.OVERDUE: _Kinds(RecordType.CLOCK_OVERDUE, outcome_pb2.OUTCOME_KIND_CLOCK_OVERDUE),
}


async def take_step(work: Work, row: ClockRow, step: Step) -> None:
    """Records one step and tells whom it is for, if they may learn of it; else there is no reminder."""
    told = addressee_of(work, row, step)
    if not told and step.kind is StepKind.REMINDER:
        return
    kinds = _KINDS[step.kind]
    leaf = await record(work, kinds.record, **await _members(work, row, told, step.role))
    if told:
        await report(work, told, _outcome(work, row, kinds.outcome, leaf, step.role))


async def tell_ended(work: Work, row: ClockRow) -> None:
    """Tells everybody who was told of a clock before that it has ended, and how."""
    for told, role in sorted(_told_before(work, row).items()):
        members = await _members(work, row, told, role)
        leaf = await record(work, RecordType.CLOCK_ENDED, outcome=row.state.value, **members)
        await report(work, told, _outcome(work, row, outcome_pb2.OUTCOME_KIND_CLOCK_ENDED, leaf, role))


def addressee_of(work: Work, row: ClockRow, step: Step) -> str:
    """The organisation that a step is for; empty if it may not learn of it.

    An escalation that its addressee may not learn of, or for whom there is nobody, goes to the unit: somebody
    is told.
    """
    return next((each for each in _candidates(work, row, step) if each), "")


def describe_clock(work: Work, row: ClockRow, role: str = "") -> clock_pb2.ClockNotice:
    """A clock as the contract has it."""
    title, paragraph = words_of(work, row.limit_id)
    notice = clock_pb2.ClockNotice(
        clock_id=row.clock_id,
        limit=row.limit_id,
        title=title,
        paragraph=paragraph,
        started_at=_stamp(row.started_at),
        due_at=_stamp(row.due_at),
        state=clock_pb2.ClockState.Value(f"CLOCK_STATE_{row.state.value}"),
        responsible=row.organisation,
        responsible_role=row.role,
        role=role,
        hold_id=row.hold_id or "",
    )
    if row.recipient_organisation is not None:
        desk = organisation_pb2.DeskReference(
            organisation=row.recipient_organisation, desk=row.recipient_desk or ""
        )
        notice.recipient.CopyFrom(desk)
    return notice


async def clock_members(work: Work, row: ClockRow) -> dict[str, Any]:
    """What of a clock stands in a record of it."""
    about_exchange = bool(row.document_type)
    return {
        "clock": row.clock_id,
        "limit": row.limit_id,
        "exchange": row.matter if about_exchange else None,
        "item": None if about_exchange else row.matter,
        "hold": row.hold_id,
        "sender": row.sender if row.is_told else None,
        "owed_by": row.organisation or None,
        "started": None if row.started_at is None else row.started_at.isoformat(),
        "due": None if row.due_at is None else row.due_at.isoformat(),
        "document_type": row.document_type or None,
        "about": await named_in(work, row.matter) if about_exchange else (),
    }


async def _members(work: Work, row: ClockRow, told: str, role: str) -> dict[str, Any]:
    return {
        **await clock_members(work, row),
        "told": told or None,
        "told_role": role if told else None,
    }


def _candidates(work: Work, row: ClockRow, step: Step) -> Iterator[str]:
    named = _named(row, step.to)
    unit = unit_of(row.sender, work.tools.deadlines.directory)
    yield (unit if step.to == UNIT else named if named and _may_learn(row, named) else "")
    if step.kind is StepKind.ESCALATION or (step.to == "RESPONSIBLE" and not row.organisation):
        yield unit


def _named(row: ClockRow, to: str) -> str:
    """The organisation that stands for a side; anything else is the id of one."""
    sides = {
        "SENDER": row.sender,
        "RECIPIENT": row.recipient_organisation or row.organisation,
        "RESPONSIBLE": row.organisation,
    }
    return sides.get(to, to)


def _may_learn(row: ClockRow, organisation: str) -> bool:
    if organisation == row.sender:
        return row.is_told
    return organisation not in {row.organisation, row.recipient_organisation} or row.is_known


def _told_before(work: Work, row: ClockRow) -> dict[str, str]:
    """Organisations that were told, and for whom there."""
    taken = row.steps[: row.step]
    told = {addressee_of(work, row, step): step.role for step in taken}
    return {organisation: role for organisation, role in told.items() if organisation}


def _outcome(
    work: Work, row: ClockRow, kind: outcome_pb2.OutcomeKind.ValueType, leaf: str, role: str
) -> outcome_pb2.Outcome:
    return outcome_pb2.Outcome(
        exchange_id=row.matter,
        kind=kind,
        record_hash=leaf,
        document_type=row.document_type,
        sender=row.sender if row.is_told else "",
        clock=describe_clock(work, row, role),
    )


def words_of(work: Work, limit_id: str) -> tuple[str, str]:
    """Title and paragraph of a time limit, or of what a hold waits for; empty where none has it."""
    known = work.tools.deadlines.limits.find(limit_id)
    if known is not None:
        return known.limit.title, known.limit.paragraph
    waits_for = work.tools.deadlines.waits_for.get(limit_id)
    return ("", "") if waits_for is None else (waits_for.title, waits_for.paragraph)


def _stamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
