"""Who is told what of a recall: each only what concerns it."""

from collections.abc import Iterable, Sequence

from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import outcome_pb2, recall_pb2

from gateway.app.envelopes import report
from gateway.app.recalls.rows import RecallRow
from gateway.app.rows import DeliveryRow
from gateway.app.subject_people import stamp
from gateway.app.tools import Work


async def tell_recipients(work: Work, row: RecallRow, told: Sequence[str], leaf: str) -> None:
    """Tells each organisation that has what was recalled."""
    for organisation in told:
        notice = notice_of(row)
        if row.replaced_by is not None and await _was_sent(work, organisation, row.replaced_by):
            notice.replaced_by = row.replaced_by
        for clock in await work.unit.clocks.of_matters([f"{row.recall_id}/{organisation}"]):
            if clock.due_at is not None:
                notice.confirm_by.CopyFrom(stamp(clock.due_at))
        kind = outcome_pb2.OUTCOME_KIND_RECALL_TOLD
        await report(work, organisation, await _outcome(work, row, notice, kind, leaf))


async def tell_sender(
    work: Work, row: RecallRow, stopped: Sequence[DeliveryRow], left: Sequence[DeliveryRow], leaf: str
) -> None:
    """Tells whoever recalled what was stopped and who was told."""
    notice = notice_of(row)
    notice.replaced_by = row.replaced_by or ""
    out = {(each.organisation, each.desk) for each in left}
    for desk in sorted(out):
        notice.recipients.append(_recipient(desk, recall_pb2.RECALL_STATE_TOLD))
    for desk in sorted({(each.organisation, each.desk) for each in stopped} - out):
        notice.recipients.append(_recipient(desk, recall_pb2.RECALL_STATE_STOPPED))
    outcome = await _outcome(work, row, notice, outcome_pb2.OUTCOME_KIND_RECALLED, leaf)
    await report(work, row.sender, outcome)


async def tell_confirmed(  # noqa: PLR0913, PLR0917  # what was confirmed, by whom
    work: Work,
    row: RecallRow,
    confirmed_in: str,
    organisation: str,
    document: recall_pb2.RecallConfirmation,
    leaf: str,
) -> None:
    """Tells whoever recalled and whoever confirmed."""
    notice = notice_of(row)
    notice.action = document.action
    notice.recipients.append(_recipient((organisation, ""), recall_pb2.RECALL_STATE_CONFIRMED))
    notice.passed_on_in.extend(document.passed_on_in)
    kind = outcome_pb2.OUTCOME_KIND_RECALL_CONFIRMED
    await report(work, row.sender, await _outcome(work, row, notice, kind, leaf))
    own = await _outcome(work, row, notice, kind, leaf)
    own.exchange_id = confirmed_in
    await report(work, organisation, own)


def notice_of(row: RecallRow) -> recall_pb2.RecallNotice:
    """What everybody who is told may know."""
    return recall_pb2.RecallNotice(
        recall_id=row.recall_id,
        recalled_exchange_id=row.exchange_id,
        kind=recall_pb2.RecallKind.Value(f"RECALL_KIND_{row.kind}"),
        recalled_at=stamp(row.at),
    )


async def _outcome(
    work: Work,
    row: RecallRow,
    notice: recall_pb2.RecallNotice,
    kind: outcome_pb2.OutcomeKind.ValueType,
    leaf: str,
) -> outcome_pb2.Outcome:
    recalled = await work.unit.submissions.find(row.exchange_id)
    return outcome_pb2.Outcome(
        exchange_id=row.recall_id,
        kind=kind,
        record_hash=leaf,
        document_type="" if recalled is None else recalled.document_type,
        sender=row.sender,
        recall=notice,
    )


async def _was_sent(work: Work, organisation: str, exchange_id: str) -> bool:
    deliveries: Iterable[DeliveryRow] = await work.unit.deliveries.of_exchanges([exchange_id])
    return any(each.organisation == organisation and not each.is_withdrawn for each in deliveries)


def _recipient(desk: tuple[str, str], state: recall_pb2.RecallState.ValueType) -> recall_pb2.RecallRecipient:
    reference = DeskReference(organisation=desk[0])
    if desk[1]:
        reference.desk = desk[1]
    return recall_pb2.RecallRecipient(recipient=reference, state=state)
