"""Noting who reads values, before they are given (DPA 2018 s.62(1)(c), (2))."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial

from publicprotection.exchange.v1.reading_service_pb2 import ReadingKind

from services.kit.access.actor import Actor
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.store.readings import StoredReading


@dataclass(frozen=True, slots=True)
class Read:
    """What is about to be read; `delivery_id` is empty for outcomes."""

    kind: ReadingKind.ValueType
    exchange_id: str
    delivery_id: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the system, the person, and why where that is asked."""

    system: str
    person: str = field(default="", repr=False)
    role: str = field(default="", repr=False)
    reason: str = field(default="", repr=False)

    @classmethod
    def of(cls, actor: Actor, reason: str = "") -> "Reader":
        """Whoever acts, as reader."""
        person = actor.require_person()
        return cls(actor.system.client, person.name, person.job, reason)


async def note_readings(
    participant: Participant, records: Records, reader: Reader, read: Iterable[Read]
) -> None:
    """Makes readings durable; whoever answers with values calls this first.

    Raises:
        StoreError: they could not be, so nothing is to be given.
    """
    at = participant.clock.now()
    noted = [
        StoredReading(
            reading_id=participant.new_id(),
            kind=each.kind,
            at=at,
            exchange_id=each.exchange_id,
            delivery_id=each.delivery_id,
            system=reader.system,
            person=reader.person,
            role=reader.role,
            reason=reader.reason,
        )
        for each in read
    ]
    if noted:
        await records.store.write(partial(records.readings.add, added=noted))
