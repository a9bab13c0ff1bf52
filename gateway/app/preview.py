"""Previews: the decision on a sealed exchange that is not taken. The question is a record; nothing leaves."""

from collections.abc import Sequence

from publicprotection.exchange.v1 import header_pb2, outcome_pb2

from gateway.app.agreed_now import decide_now
from gateway.app.arrivals import Exchange, Rejection, check_exchange, open_submission, read_exchange
from gateway.app.envelopes import Unusable, open_packet, stamp
from gateway.app.ports import Store
from gateway.app.records import RecordType, commit_text, record
from gateway.app.subjects import find_people
from gateway.app.summaries import name_of
from gateway.app.tools import Tools, Work
from gateway.core.documents import is_for_gateway
from gateway.core.explain import explain_to_sender
from gateway.core.model import Case, Ruling
from services.kit.exchange.notices import sign_outcome
from services.kit.exchange.previews import is_preview


class PreviewUnusableError(Exception):
    """A question that cannot be read, or is none.

    Attributes:
        reason: stable code, in capitals.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class DirectoryStaleError(Exception):
    """Nobody's keys and desks can be relied on: nothing is decided until the directory is renewed."""


class Previewer:
    """Answers what would become of an exchange.

    Args:
        store: where the question is recorded.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def preview(self, organisation: str, packet: str) -> str:
        """Decides without taking. The question is recorded before it is answered.

        Args:
            organisation: who asks, as its certificate says.
            packet: JWE over a packet with a submission.

        Returns:
            A signed outcome: PREVIEWED, or REJECTED with the reason for which sending would be rejected.

        Raises:
            PreviewUnusableError: it cannot be read, is another's, is sealed as an exchange, or came before.
            DirectoryStaleError: it cannot be decided now.
            StoreUnavailableError, KeyStoreUnavailableError: it cannot be recorded, so it is not answered.
        """
        if self._tools.directory.is_stale(self._tools.clock.now()):
            raise DirectoryStaleError
        secrets = self._tools.key_store.batch()
        async with self._store.writing() as unit:
            work = Work(unit, self._tools, secrets, self._tools.clock.now())
            outcome = await _answer(work, organisation, packet)
            await secrets.save()
        return sign_outcome(outcome, self._tools.signing)


async def _answer(work: Work, organisation: str, packet: str) -> outcome_pb2.Outcome:
    exchange = _read(work, organisation, packet)
    rejection = exchange if isinstance(exchange, Rejection) else _check(work, exchange)
    if rejection is not None:
        return await _reject(work, organisation, rejection)
    assert isinstance(exchange, Exchange)  # noqa: S101  # narrowed above; for the type checker
    if await work.unit.texts.find(exchange.exchange_id, "author") is not None:
        raise PreviewUnusableError("PREVIEWED_BEFORE")  # the kit seals each question under an id of its own
    rulings = await decide_now(work, await _case(work, exchange))
    leaf = await _record(work, exchange, rulings)
    outcome = _outcome(work, exchange.sender, outcome_pb2.OUTCOME_KIND_PREVIEWED)
    outcome.exchange_id, outcome.record_hash = exchange.exchange_id, leaf
    outcome.document_type = exchange.document_type
    outcome.decisions.extend(explain_to_sender(ruling) for ruling in rulings)
    return outcome


def _read(work: Work, organisation: str, body: str) -> Exchange | Rejection:
    packet = open_packet(body.encode(), work.tools)
    if isinstance(packet, Unusable):
        raise PreviewUnusableError(packet.reason)
    opened = open_submission(work, organisation, packet.submission.seal)
    if isinstance(opened, Unusable):
        raise PreviewUnusableError(opened.reason)
    if not is_preview(opened.exchange_id):
        raise PreviewUnusableError("SEALED_AS_EXCHANGE")
    return read_exchange(opened, work.tools)


def _check(work: Work, exchange: Exchange) -> Rejection | None:
    if is_for_gateway(exchange.document_type):
        return Rejection(
            "DOCUMENT_NOT_FOR_SENDER", "Nobody receives this document: there is nothing to preview."
        )
    return check_exchange(work, exchange)


async def _reject(work: Work, addressee: str, rejection: Rejection) -> outcome_pb2.Outcome:
    outcome = _outcome(work, addressee, outcome_pb2.OUTCOME_KIND_REJECTED)
    outcome.record_hash = await record(
        work, RecordType.PREVIEW_REJECTED, sender=addressee, reason=rejection.reason
    )
    outcome.rejection.reason, outcome.rejection.advice = rejection.reason, rejection.advice
    return outcome


def _outcome(work: Work, addressee: str, kind: outcome_pb2.OutcomeKind.ValueType) -> outcome_pb2.Outcome:
    return outcome_pb2.Outcome(outcome_id=work.tools.new_id(), kind=kind, addressee=addressee, at=stamp(work))


async def _case(work: Work, exchange: Exchange) -> Case:
    found = await find_people(work, exchange)
    return Case(
        exchange_id=exchange.exchange_id,
        document_type=exchange.document_type,
        header=exchange.header,
        document=exchange.document,
        leaves=exchange.leaves,
        facts=(),
        at=work.at,
        known_parties=found.known_parties,
    )


async def _record(work: Work, exchange: Exchange, rulings: Sequence[Ruling]) -> str:
    header, scope = exchange.header, exchange.exchange_id
    author = {"name": header.author.name, "role": header.author.role}
    return await record(
        work,
        RecordType.PREVIEW,
        exchange=scope,
        sender=exchange.sender,
        document_type=exchange.document_type,
        purpose=name_of(header_pb2.Purpose.DESCRIPTOR, header.purpose),
        recipients=[str(ruling.recipient) for ruling in rulings],
        outcomes=[ruling.outcome.value for ruling in rulings],
        rulebook=rulings[0].rulebook,
        author_commitment=await commit_text(work, scope, scope, "author", author),
        necessity_commitment=await commit_text(work, scope, scope, "necessity", header.necessity),
    )
