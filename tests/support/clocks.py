"""Exchanges between organisations of a gateway in one process, each let through whole."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import header_pb2, outcome_pb2

from gateway.app.clocks.firing import Timekeeper
from gateway.app.clocks.rows import ClockRow
from gateway.core.documents import document_class
from gateway.core.model import Case, Desk, Flag, Outcome, Ruling
from services.kit.calendar import LONDON
from tests.support.gateway import AUTHOR, Gateway, Sealed

DOCUMENTS = Path(__file__).resolve().parent.parent / "vectors" / "validation"

Change = Callable[[header_pb2.Header, Any], None]


def rule_all(outcome: Outcome = Outcome.RELEASED, *flags: Flag) -> Callable[..., tuple[Ruling, ...]]:
    """A decision that lets everything go to everybody, or nothing to anybody."""

    def decide(case: Case, _agreements: object = ()) -> tuple[Ruling, ...]:
        paths = frozenset(case.leaves) if outcome is Outcome.RELEASED else frozenset[str]()
        desks = (Desk(each.organisation, each.desk) for each in case.header.recipients)
        return tuple(_ruling(desk, outcome, paths, flags) for desk in desks)

    return decide


def _ruling(desk: Desk, outcome: Outcome, paths: frozenset[str], flags: tuple[Flag, ...]) -> Ruling:
    return Ruling(desk, outcome, paths, (), (), (), (), flags, None, None, "1", None)


def valid_document(name: str, **changes: Any) -> Message:
    """A document of a type as its own rules accept it."""
    file = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("-")
    content = yaml.safe_load((DOCUMENTS / f"{file}.yaml").read_text(encoding="utf-8"))
    return ParseDict(content["valid"][0]["document"] | changes, document_class(name)())


def london(text: str) -> datetime:
    """A moment in London time."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@dataclass
class Exchanging:
    """What organisations of a gateway do, by kind.

    Attributes:
        gateway: with a decision such as `rule_all`.
    """

    gateway: Gateway

    def __post_init__(self) -> None:
        self.timekeeper = Timekeeper(self.gateway.store, self.gateway.tools, interval_s=0.01)

    async def send(  # what is sent, from whom, to whom
        self, name: str, sender: str, recipient: str, in_reply_to: str = "", **changes: Any
    ) -> Sealed:
        """Sends a document from one kind of organisation to another; taken by the gateway."""
        organisation, to = self.gateway.parties.of_kind(sender), self.gateway.parties.of_kind(recipient)
        header = header_pb2.Header(
            purpose=header_pb2.PURPOSE_MANAGE_RISK,
            lawful_bases=[header_pb2.LAWFUL_BASIS_CJA_2003_S325],
            necessity="They manage the risk.",
            author=AUTHOR,
            marking=organisation_pb2.MARKING_OFFICIAL_SENSITIVE,
            request_id=f"test-{secrets.token_hex(8)}",
        )
        desk = self.gateway.parties.directory.organisations[to].desks[0].desk
        header.recipients.add(organisation=to, desk=desk)
        if in_reply_to:
            header.in_reply_to = in_reply_to
        sealed = self.gateway.seal(organisation, header, valid_document(name, **changes))
        assert await self.gateway.take(sealed.arrival) == [None]
        rejected = [row.entry for row in await self.gateway.records("REJECTION")]
        assert rejected == []
        return sealed

    async def receive(self, recipient: str, *, acknowledge: int = 0) -> list[outcome_pb2.Outcome]:
        """Has an organisation's service take its deliveries, and a person acknowledge them; its outcomes."""
        organisation = self.gateway.parties.of_kind(recipient)
        outcomes, releases = await self.gateway.received(organisation)
        for delivery, _ in releases:
            assert await self.gateway.take(self.gateway.receipt(organisation, delivery)) == [None]
            if acknowledge:
                said = self.gateway.acknowledgement(organisation, delivery, acknowledge)
                assert await self.gateway.take(said) == [None]
        return outcomes

    async def at(self, moment: datetime) -> int:
        """Moves the clock and fires what is due."""
        self.gateway.parties.clock.moment = moment
        return await self.timekeeper.fire_due()

    async def after(self, moment: datetime) -> int:
        """As `at`, a second later: when a limit is broken."""
        return await self.at(moment + timedelta(seconds=1))

    async def clocks(self, matter: str) -> dict[str, ClockRow]:
        """The clocks about an exchange, by limit."""
        async with self.gateway.store.reading() as unit:
            return {row.limit_id: row for row in await unit.clocks.of_matters([matter])}

    async def told(self, kind: str) -> list[tuple[str, str, str]]:
        """What an organisation was told of clocks: kind of outcome, limit, role; by limit and kind."""
        outcomes, _ = await self.gateway.received(self.gateway.parties.of_kind(kind))
        return sorted(
            (
                each.clock.limit,
                outcome_pb2.OutcomeKind.Name(each.kind).removeprefix("OUTCOME_KIND_CLOCK_"),
                each.clock.role,
            )
            for each in outcomes
            if each.HasField("clock")
        )
