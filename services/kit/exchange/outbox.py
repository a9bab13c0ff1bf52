"""Sending: seal, encrypt, and commit exchange and packet together; the relay publishes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from google.protobuf.message import Message
from publicprotection.exchange.v1.header_pb2 import Author, Header
from publicprotection.exchange.v1.outbox_service_pb2 import EXCHANGE_STATE_ACCEPTED
from publicprotection.exchange.v1.outcome_pb2 import Acceptance
from publicprotection.transport.v1.packet_pb2 import Packet, Submission
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.clock import Clock
from services.kit.clocks.confirming import await_confirmation
from services.kit.exchange.errors import OutboxFullError
from services.kit.exchange.headers import (
    check_recipients,
    complete_header,
    gateway_header,
    refuse_unknown_fields,
)
from services.kit.exchange.packets import close_packet
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.records import Records
from services.kit.exchange.sealing import request_bytes, seal_exchange
from services.kit.restricted import is_cleared
from services.kit.rpc.errors import RequestReusedError
from services.kit.store.packets import OutgoingPacket, add_packet, is_waiting_beyond
from services.kit.store.sent import Original, SentExchange

MOST_WAITING: Final = 50_000
"""Exchanges that wait for the broker: hours of the busiest day, and less than its queue takes."""

Also = Callable[[AsyncConnection], Awaitable[None]]
"""What else is to be committed with an exchange; what it raises undoes both."""


@dataclass(frozen=True, slots=True)
class _Request:
    header: Header
    document: Message
    digest: str
    check: Callable[[], None]
    also: Also | None
    desk: str


class Outbox:
    """Takes what is to be sent.

    Args:
        participant: who sends.
        records: where it is kept.
        most_waiting: packets that may wait for the broker before no exchange is accepted any more.
    """

    def __init__(self, participant: Participant, records: Records, most_waiting: int = MOST_WAITING) -> None:
        self._participant = participant
        self._records = records
        self._most_waiting = most_waiting

    @property
    def clock(self) -> Clock:
        """By which it is told when something was accepted."""
        return self._participant.clock

    async def submit(
        self, header: Header, document: Message, *, desk: str = "", also: Also | None = None
    ) -> Acceptance:
        """Seals and commits one exchange; it will be sent, whatever happens to this process.

        A request id that was accepted before gives the first acceptance again, and sends nothing.

        Args:
            header: validated; its sender may be absent.
            document: validated; one of the contract's documents.
            desk: at which whoever sends works.
            also: what else to commit with it; not run again for a repeated request.

        Raises:
            ForeignSenderError, ForeignFactError, UnknownPartError, UnknownFieldsError, NotSealableError,
            RepeatedRecipientError, UnknownRecipientError: the caller is to correct it.
            RequestReusedError: the request id stands for something else.
            TooLargeError: it does not fit into a packet.
            GatewayKeyMissingError: it cannot be encrypted now.
            OutboxFullError: too much waits for the broker.
            And what `also` raises.
        """
        refuse_unknown_fields(header, "header")
        refuse_unknown_fields(document, "document")
        completed = complete_header(header, self._participant)
        # Asked for now: what is committed is checked beside others', by whoever writes for all.
        check = partial(check_recipients, completed, self._participant, cleared=is_cleared())
        return await self._accept(
            _Request(completed, document, self._digest(completed, document), check, also, desk)
        )

    async def submit_to_gateway(  # noqa: PLR0913  # the parts of a header, by name
        self,
        document: Message,
        *,
        request_id: str,
        author: Author,
        necessity: str = "",
        in_reply_to: str = "",
        also: Also | None = None,
        desk: str = "",
    ) -> Acceptance:
        """Seals and commits a document for the gateway itself, such as an assertion of facts.

        Args:
            document: one of those that are for the gateway.
            request_id: as in a header.
            author: who says it.
            necessity: why, if it is to be said.
            in_reply_to: the exchange that it is about.
            also: what else to commit with it; not run again for a repeated request.
            desk: at which whoever says it works.

        Raises:
            As `submit`, and what `also` raises.
        """
        refuse_unknown_fields(document, "document")
        header = gateway_header(
            self._participant,
            request_id=request_id,
            author=author,
            necessity=necessity,
            in_reply_to=in_reply_to,
        )
        return await self._accept(
            _Request(header, document, self._digest(header, document), _check_nothing, also, desk)
        )

    async def _accept(self, request: _Request) -> Acceptance:
        acceptance = await self._records.store.write(partial(self._commit, request))
        self._records.signals.packets.notify()
        return acceptance

    async def _commit(self, request: _Request, connection: AsyncConnection) -> Acceptance:
        known = await self._records.sent.find_request(connection, request.header.request_id)
        if known is not None:
            return _repeat(known, request.digest)
        request.check()
        if await is_waiting_beyond(connection, self._most_waiting):
            raise OutboxFullError
        if request.also is not None:
            await request.also(connection)
        sent, original, packet = self._prepare(request)
        await self._records.sent.add(connection, sent, original)
        await await_confirmation(connection, self._records, request.header, sent)
        await add_packet(connection, packet)
        return Acceptance(exchange_id=sent.exchange_id, accepted_at=stamp(sent.accepted_at))

    def _prepare(self, request: _Request) -> tuple[SentExchange, Original, OutgoingPacket]:
        sealed = seal_exchange(request.header, request.document, self._participant)
        packet = Packet(submission=Submission(seal=sealed.original.seal))
        sent = SentExchange(
            exchange_id=sealed.exchange_id,
            request_id=request.header.request_id,
            request_digest=request.digest,
            document_type=request.document.DESCRIPTOR.name,
            state=EXCHANGE_STATE_ACCEPTED,
            accepted_at=self._participant.clock.now(),
            in_reply_to=request.header.in_reply_to,
            seal_hash=sealed.seal_hash,
            desk=request.desk,
        )
        closed = close_packet(packet, self._participant, exchange_id=sealed.exchange_id)
        return sent, sealed.original, closed

    def _digest(self, header: Header, document: Message) -> str:
        return self._records.store.vault.digest(request_bytes(header, document))


def _check_nothing() -> None:
    """The gateway is no entry of the directory."""


def _repeat(known: SentExchange, digest: str) -> Acceptance:
    if known.request_digest != digest:
        raise RequestReusedError({"exchange_id": known.exchange_id})
    return Acceptance(
        exchange_id=known.exchange_id, repeated_request=True, accepted_at=stamp(known.accepted_at)
    )
