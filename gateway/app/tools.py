"""What every use case works with: the process's own means, and one unit of work."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from gateway.app.agreement_shelf import AgreementShelf
from gateway.app.key_ports import KeyStore, SecretBatch
from gateway.app.ports import Unit
from gateway.core.abstracts import Abstract
from gateway.core.agreements import Agreement
from gateway.core.deadlines.starting import Means
from gateway.core.model import Case, KnownFact, Ruling
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.prerequisites import HoldReply
from gateway.core.retention_model import Retention
from services.kit.clock import Clock
from services.kit.directory import Directory
from services.kit.evidence.keys import DecryptionLookup, SigningKey
from services.kit.identifiers import NewId

Decide = Callable[[Case, tuple[Agreement, ...]], tuple[Ruling, ...]]
"""The decision, with directory and rulebook in it, under agreements: a ruling for each recipient."""

KeepAbstract = Callable[[Case], Abstract]
"""What is kept of a decision so that it can be made again: no content."""

AnswerFacts = Callable[[str, Iterable[str], str, HoldReply], tuple[KnownFact, ...]]
"""From prerequisite, paths that wait, recipient organisation and reply to facts (core.prerequisites)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is taken and how long a release may be used.

    Attributes:
        submission_octets: largest sealed exchange.
        packet_octets: largest packet that leaves, before encryption: what its ciphertext may be on the bus.
        submission_age: an exchange sealed longer ago is refused: its facts and its need may be gone.
        clock_skew: how far ahead a sender's clock may be.
        release_validity: from when on a recipient must not use a release any more.
        resend_after: how long a delivery waits that was refused for the key that signed it, before it goes
            again; twice as long each time.
    """

    submission_octets: int = 4 << 20
    packet_octets: int = 4 << 20
    submission_age: timedelta = timedelta(days=7)
    clock_skew: timedelta = timedelta(minutes=5)
    release_validity: timedelta = timedelta(days=28)
    resend_after: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Basis:
    """What decisions and signatures rest on at one moment, all of it of one directory.

    Attributes:
        directory: who takes part.
        sign_by: the gateway's key for statements and outcomes; NoSigningKeyError if none may sign.
        decryption: opens what is encrypted to the gateway.
        answer: the facts that an answer to a hold puts on record.
        prerequisites: what holds wait for, by id.
        retention: how long records are kept.
        deadlines: the time limits, and the calendar by which they run.
        abstract: what is kept of a decision.
    """

    directory: Directory
    sign_by: Callable[[], SigningKey] = field(repr=False)
    decryption: DecryptionLookup = field(repr=False)
    decide: Decide
    answer: AnswerFacts
    prerequisites: Mapping[str, Prerequisite]
    retention: Retention
    deadlines: Means
    abstract: KeepAbstract


def look_at_nothing() -> bool:
    """There is nothing newer."""
    return False


@dataclass(frozen=True, slots=True)
class Tools:
    """The means of the process.

    Attributes:
        current: what is in force now; a new directory, key or rulebook takes its place as the process runs.
        look: asks whether there is anything newer than what is in force; whether there was.
        agreements: those that the database holds.
    """

    clock: Clock
    new_id: NewId
    entropy: Callable[[int], bytes] = field(repr=False)
    current: Callable[[], Basis]
    key_store: KeyStore = field(repr=False)
    limits: Limits = Limits()
    look: Callable[[], bool] = look_at_nothing
    agreements: AgreementShelf = field(default_factory=AgreementShelf)

    @property
    def directory(self) -> Directory:
        """Who takes part."""
        return self.current().directory

    @property
    def signing(self) -> SigningKey:
        """The gateway's key for statements and outcomes; NoSigningKeyError if none may sign."""
        return self.current().sign_by()

    @property
    def decryption(self) -> DecryptionLookup:
        """Opens what is encrypted to the gateway."""
        return self.current().decryption

    @property
    def decide(self) -> Decide:
        """The decision."""
        return self.current().decide

    @property
    def answer(self) -> AnswerFacts:
        """The facts that an answer to a hold puts on record."""
        return self.current().answer

    @property
    def prerequisites(self) -> Mapping[str, Prerequisite]:
        """What holds wait for, by id."""
        return self.current().prerequisites

    @property
    def retention(self) -> Retention:
        """How long records are kept."""
        return self.current().retention

    @property
    def deadlines(self) -> Means:
        """The time limits, and the calendar by which they run."""
        return self.current().deadlines

    def pinned(self) -> "Tools":
        """The same with what is in force now, and nothing later."""
        basis = self.current()
        return replace(self, current=lambda: basis)


@dataclass(frozen=True, slots=True)
class Work:
    """One unit of work: a transaction, the secrets that go with it, and the one time at which it happens.

    All of it rests on one directory and one rulebook, whatever comes into force meanwhile.
    """

    unit: Unit
    tools: Tools
    secrets: SecretBatch
    at: datetime

    def __post_init__(self) -> None:
        """Pins the means."""
        object.__setattr__(self, "tools", self.tools.pinned())
