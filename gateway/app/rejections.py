"""What is not taken: exchanges that are rejected, with an answer; and messages that can never be used."""

from typing import Final

import structlog
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.app.arrivals import UNKNOWN_TYPE, Exchange, Rejection, claimed_exchange
from gateway.app.envelopes import Arrival, Unusable, report
from gateway.app.records import RecordType, record
from gateway.app.rows import RefusalRow, SubmissionRow, SubmissionState
from gateway.app.tools import Work
from services.kit.evidence.opening import OpenedSeal

_AGAIN: Final = "Nothing was released. Seal and send again under a new request id, or telephone."
_SEAL_INVALID: Final = Rejection("SEAL_INVALID", _AGAIN)
_CLAIMED: Final = {
    "FAULT": Rejection("GATEWAY_FAULT", _AGAIN),
    "TOO_LARGE": Rejection("TOO_LARGE", "Nothing was released. Send less at once, or to fewer desks."),
}

_log = structlog.get_logger(__name__)


async def reject(
    work: Work, opened: OpenedSeal, rejection: Rejection, exchange: Exchange | None = None
) -> None:
    """Records that an exchange was not taken, and tells its sender. Its id is spent; its request id is not.

    Args:
        work: the unit of work.
        opened: the verified seal: so the sender is who it says.
        rejection: why.
        exchange: as read, if it could be.
    """
    name = exchange.document_type if exchange is not None else UNKNOWN_TYPE
    await work.unit.submissions.add(
        SubmissionRow(
            exchange_id=opened.exchange_id,
            sender=opened.issuer,
            seal_hash=opened.seal_hash,
            document_type=name,
            state=SubmissionState.REJECTED,
            received_at=work.at,
            issued_at=opened.issued_at,
        )
    )
    leaf = await record(
        work,
        RecordType.REJECTION,
        exchange=opened.exchange_id,
        sender=opened.issuer,
        document_type=name,
        seal_hash=opened.seal_hash,
        reason=rejection.reason,
    )
    await _tell(work, opened.issuer, opened.exchange_id, rejection, leaf, name)


async def set_aside(
    work: Work, arrival: Arrival, unusable: Unusable, packet: packet_pb2.Packet | None = None
) -> None:
    """Records that a message can never be used; a message set aside before is not recorded again.

    A sender whose seal does not verify is told, if the broker vouches that the message is its own and it
    names an exchange that nobody knows: it may have signed with a key that was replaced, and believe that it
    has warned somebody. The broker's word is not proof, so nothing but this is done on it.
    """
    if await work.unit.refusals.known(arrival.message_hash):
        return
    _log.warning("message_set_aside", organisation=arrival.organisation, reason=unusable.reason)
    await work.unit.refusals.add(
        RefusalRow(arrival.message_hash, arrival.organisation, unusable.reason, work.at)
    )
    leaf = await record(
        work,
        RecordType.SUBMISSION_REFUSED,
        sender=arrival.organisation,
        reason=unusable.reason,
        body_hash=arrival.body_hash,
    )
    if arrival.user == arrival.organisation and packet is not None and packet.HasField("submission"):
        await _tell_claimed(work, arrival, packet.submission.seal, unusable, leaf)


async def _tell_claimed(work: Work, arrival: Arrival, seal: str, unusable: Unusable, leaf: str) -> None:
    exchange_id = claimed_exchange(seal)
    if exchange_id is None or await work.unit.submissions.find(exchange_id) is not None:
        return
    rejection = _CLAIMED.get(unusable.reason, _SEAL_INVALID)
    await _tell(work, arrival.organisation, exchange_id, rejection, leaf)


async def _tell(  # noqa: PLR0913, PLR0917  # the parts of one message
    work: Work,
    addressee: str,
    exchange_id: str,
    rejection: Rejection,
    leaf: str,
    document_type: str = UNKNOWN_TYPE,
) -> None:
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_REJECTED,
        rejection=outcome_pb2.Rejection(reason=rejection.reason, advice=rejection.advice),
        record_hash=leaf,
        document_type="" if document_type == UNKNOWN_TYPE else document_type,
    )
    await report(work, addressee, outcome)
