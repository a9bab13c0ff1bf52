"""What the use cases need of the world outside; gateway.adapters provides it."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from gateway.app.agreement_ports import Abstracts, AgreementEvents, Flows
from gateway.app.breaches.ports import Breaches
from gateway.app.clocks.ports import Clocks
from gateway.app.figures.ports import Tallies
from gateway.app.hold_filter import HoldFilter, HoldTally
from gateway.app.log_ports import Log, Tree, Witnesses
from gateway.app.recalls.ports import Recalls
from gateway.app.register.ports import Listings, SavedFilters, Telephoned
from gateway.app.retention_ports import Expiry, LegalHolds
from gateway.app.rows import (
    DecisionRow,
    DeliveryRow,
    DuePacket,
    ExchangeRow,
    FactRow,
    HoldKeyRow,
    HoldRow,
    HoldState,
    OutcomeRow,
    PacketRow,
    RefusalRow,
    SubmissionRow,
    TextRow,
)
from gateway.app.subject_access.ports import SubjectAccess
from gateway.app.subject_ports import Subjects


class StoreUnavailableError(Exception):
    """The database cannot be used now: full, locked, gone. What was under way was rolled back.

    If a connection goes in the middle of a commit, nobody knows whether it took place; it did in full or not
    at all. So whoever tries again reads what there is, and finds out.
    """


class WrittenTogetherError(Exception):
    """Of many rows written together one was refused. The unit is to be undone, and done again in parts."""


class Submissions(Protocol):
    """Sealed exchanges that arrived."""

    async def find(self, exchange_id: str) -> SubmissionRow | None:
        """The submission of an exchange."""

    async def find_request(self, request_key: bytes) -> SubmissionRow | None:
        """The submission that claims a request id."""

    async def add(self, row: SubmissionRow) -> None:
        """Keeps one."""

    async def drop_ciphertext(self, exchange_id: str) -> None:
        """Deletes the ciphertext; the row stays."""


class Register(Protocol):
    """The exchange register."""

    async def add(self, row: ExchangeRow) -> int:
        """Registers an exchange; returns its position."""

    async def add_decisions(self, rows: Sequence[DecisionRow]) -> None:
        """Adds decisions to an exchange."""

    async def find(self, exchange_id: str) -> ExchangeRow | None:
        """One exchange."""

    async def page(self, after: int, limit: int) -> list[ExchangeRow]:
        """Exchanges after a position, oldest first: everybody's."""

    async def concerning(self, exchange_ids: Collection[str], organisations: Collection[str]) -> set[str]:
        """Of these exchanges, those that one of the organisations sent or that were decided for one."""

    async def decisions(self, exchange_ids: Iterable[str]) -> list[DecisionRow]:
        """Decisions of these exchanges, oldest first."""

    async def standing(self, exchange_ids: Iterable[str]) -> list[DecisionRow]:
        """As `decisions`, without their bodies."""


class Holds(Protocol):
    """Holds."""

    async def add(self, rows: Sequence[HoldRow]) -> None:
        """Opens holds."""

    async def find(self, hold_id: str) -> HoldRow | None:
        """One hold."""

    async def of_exchange(self, exchange_id: str) -> list[HoldRow]:
        """All holds of an exchange, oldest first."""

    async def close(self, hold_id: str, state: HoldState, at: datetime) -> None:
        """Closes an open hold."""

    async def expiring(self, now: datetime, limit: int) -> list[HoldRow]:
        """Open holds whose time has run out, oldest first."""

    async def queue(self, wanted: HoldFilter, limit: int) -> list[HoldRow]:
        """Open holds, in the order asked for."""

    async def tally(self, concerned: Collection[str], now: datetime) -> list[HoldTally]:
        """How many open holds concern these organisations, as sender, recipient or owner."""

    async def turn(self, row: HoldKeyRow) -> None:
        """Notes that a key was turned."""

    async def turned(self, exchange_ids: Iterable[str]) -> list[HoldKeyRow]:
        """The keys turned to holds of these exchanges, oldest first."""


class Deliveries(Protocol):
    """Deliveries."""

    async def add(self, row: DeliveryRow) -> None:
        """Adds one."""

    async def find(self, delivery_id: str) -> DeliveryRow | None:
        """One delivery."""

    async def of_exchanges(self, exchange_ids: Iterable[str]) -> list[DeliveryRow]:
        """Deliveries of these exchanges, oldest first."""

    async def settle(self, delivery_id: str, at: datetime, refused: str | None) -> None:
        """Notes the recipient's receipt, or its refusal."""

    async def acknowledge(self, delivery_id: str, at: datetime, kind: int) -> None:
        """Notes a person's acknowledgement."""

    async def restate(self, delivery_id: str, statement_hash: str) -> None:
        """Notes that it goes under another statement."""


class Outgoing(Protocol):
    """Packets to publish."""

    async def add(self, row: PacketRow) -> None:
        """Adds one."""

    async def add_outcome(self, row: OutcomeRow) -> None:
        """Notes which outcome a packet carries."""

    async def waiting(self, limit: int, now: datetime, size: int) -> list[DuePacket]:
        """Packets not yet published and due, whose records a log of that size holds; oldest first."""

    async def mark_published(self, packet_ids: Sequence[str], at: datetime) -> None:
        """Notes that the broker confirmed; the ciphertext of outcomes, needed no more, is deleted."""

    async def postpone(self, packet_ids: Sequence[str], until: datetime) -> None:
        """Notes an attempt that failed and when to try again."""

    async def drop_ciphertext(self, packet_id: str) -> None:
        """Deletes the ciphertext; the row stays."""

    async def find(self, packet_id: str) -> PacketRow | None:
        """A packet that is still kept, published or not."""

    async def send_again(self, packet_id: str, ciphertext: bytes, due_at: datetime) -> None:
        """Has a published packet published once more, with other contents, from a moment on."""


class Facts(Protocol):
    """Facts on record."""

    async def add(self, rows: Sequence[FactRow]) -> None:
        """Adds facts."""

    async def of_exchange(self, exchange_id: str) -> list[FactRow]:
        """Facts of an exchange, oldest first."""


class Texts(Protocol):
    """Texts outside the log, encrypted."""

    async def add(self, rows: Sequence[TextRow]) -> None:
        """Adds texts."""

    async def of_exchange(self, exchange_id: str) -> list[TextRow]:
        """Texts of an exchange."""

    async def find(self, scope: str, name: str) -> TextRow | None:
        """One text."""


class InForceTable(Protocol):
    """What was last recorded as in force (core.in_force)."""

    async def last(self) -> str | None:
        """As it was written; None before the first."""

    async def remember(self, written: str, at: datetime) -> None:
        """Puts it in the place of the last."""


class Refusals(Protocol):
    """Messages set aside."""

    async def known(self, message_hash: str) -> bool:
        """Whether this very message was set aside before."""

    async def add(self, row: RefusalRow) -> None:
        """Notes one."""


class Unit(Protocol):
    """One transaction."""

    @property
    def submissions(self) -> Submissions: ...  # noqa: D102
    @property
    def register(self) -> Register: ...  # noqa: D102
    @property
    def holds(self) -> Holds: ...  # noqa: D102
    @property
    def deliveries(self) -> Deliveries: ...  # noqa: D102
    @property
    def outgoing(self) -> Outgoing: ...  # noqa: D102
    @property
    def facts(self) -> Facts: ...  # noqa: D102
    @property
    def subjects(self) -> Subjects: ...  # noqa: D102
    @property
    def log(self) -> Log: ...  # noqa: D102
    @property
    def tree(self) -> Tree: ...  # noqa: D102
    @property
    def witnesses(self) -> Witnesses: ...  # noqa: D102
    @property
    def texts(self) -> Texts: ...  # noqa: D102
    @property
    def refusals(self) -> Refusals: ...  # noqa: D102
    @property
    def in_force(self) -> InForceTable: ...  # noqa: D102
    @property
    def subject_access(self) -> SubjectAccess: ...  # noqa: D102
    @property
    def legal_holds(self) -> LegalHolds: ...  # noqa: D102
    @property
    def expiry(self) -> Expiry: ...  # noqa: D102
    @property
    def clocks(self) -> Clocks: ...  # noqa: D102
    @property
    def agreements(self) -> AgreementEvents: ...  # noqa: D102
    @property
    def abstracts(self) -> Abstracts: ...  # noqa: D102
    @property
    def flows(self) -> Flows: ...  # noqa: D102
    @property
    def breaches(self) -> Breaches: ...  # noqa: D102
    @property
    def recalls(self) -> Recalls: ...  # noqa: D102
    @property
    def listings(self) -> Listings: ...  # noqa: D102
    @property
    def saved_filters(self) -> SavedFilters: ...  # noqa: D102
    @property
    def telephoned(self) -> Telephoned: ...  # noqa: D102
    @property
    def tallies(self) -> Tallies: ...  # noqa: D102

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """Whatever is written inside is undone if the block raises; the rest of the unit stands."""

    def together(self) -> AbstractAsyncContextManager[None]:
        """Inside, what is only added may be written together at the end; reading sees it all the same.

        Raises:
            WrittenTogetherError: something of it cannot be written, and nobody knows what.
        """

    async def lock(self, name: str) -> None:
        """Waits for a lock that other processes on the same database name alike; held until the unit ends."""


class Store(Protocol):
    """The database."""

    def writing(self) -> AbstractAsyncContextManager[Unit]:
        """The one writer's transaction: durable when the block ends, undone if it raises.

        Raises:
            StoreUnavailableError: the database cannot be used; nothing was written, as far as is known.
        """

    def reading(self) -> AbstractAsyncContextManager[Unit]:
        """A transaction that can only read.

        Raises:
            StoreUnavailableError: the database cannot be used.
        """
