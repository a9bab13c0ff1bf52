"""FactService: puts facts about an exchange on record. They travel sealed, like an exchange."""

from typing import Any, Final

import grpc.aio
from publicprotection.exchange.v1 import hold_service_pb2, hold_service_pb2_grpc
from publicprotection.exchange.v1.facts_pb2 import Facts
from publicprotection.exchange.v1.gateway_documents_pb2 import FactAssertion

from services.kit.access.actor import current_actor
from services.kit.access.authors import require_author
from services.kit.evidence.paths import is_path
from services.kit.exchange.answers import answerer_of
from services.kit.exchange.facts import claim_facts, label_part, label_parties
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]
_FIELD: Final = "facts"


class FactServicer(hold_service_pb2_grpc.FactServiceServicer):
    """Sends assertions through the outbox.

    Args:
        participant: who asserts.
        outbox: sends.
        records: what was sent and received, to name its parts.
    """

    def __init__(self, participant: Participant, outbox: Outbox, records: Records) -> None:
        self._participant = participant
        self._outbox = outbox
        self._records = records

    async def AssertFact(
        self, request: hold_service_pb2.AssertFactRequest, _context: _Context
    ) -> hold_service_pb2.AssertFactResponse:
        """Asserts facts about an exchange. Whether this organisation may, the gateway decides.

        Raises:
            AuthorNotCallerError, ForeignFactError, UnknownPartError: the caller is to correct it.
            RequestReusedError, GatewayKeyMissingError: as `Outbox.submit_to_gateway`.
        """
        actor = current_actor()
        require_author(actor, request.author)
        facts = Facts()
        facts.CopyFrom(request.facts)
        claim_facts(facts, self._participant.organisation, _FIELD)
        known = await self._known_leaves(request.exchange_id)
        label_parties(facts, lambda part, field: _label(part, known, field), _FIELD)
        acceptance = await self._outbox.submit_to_gateway(
            FactAssertion(
                exchange_id=request.exchange_id,
                facts=facts,
                answerer=answerer_of(actor.require_person()),
            ),
            request_id=request.request_id,
            author=request.author,
            in_reply_to=request.exchange_id,
            desk=actor.require_person().desk,
        )
        return hold_service_pb2.AssertFactResponse(acceptance=acceptance)

    async def _known_leaves(self, exchange_id: str) -> set[str]:
        """Paths of the exchange's leaves as far as this organisation sent or received them."""
        async with self._records.store.read() as connection:
            original = await self._records.sent.original(connection, exchange_id)
            if original is not None:
                return set(original.leaves)
            received = await self._records.inbox.contents_of(connection, exchange_id)
        return {path for content in received for path in content.leaves}


def _label(part: str, known: set[str], field: str) -> str:
    # Whoever has no part in the exchange can only quote a label that it was told, such as a hold's.
    if not known and is_path(part):
        return part
    return label_part(part, known, field)


def serve_facts(participant: Participant, outbox: Outbox, records: Records) -> ServedService:
    """The service, ready for a server."""
    return serve(
        hold_service_pb2_grpc.add_FactServiceServicer_to_server,
        FactServicer(participant, outbox, records),
        hold_service_pb2.DESCRIPTOR.services_by_name["FactService"],
    )
