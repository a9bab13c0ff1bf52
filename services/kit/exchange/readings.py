"""Noting who reads values, before they are given (DPA 2018 s.62(1)(c), (2))."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import grpc.aio
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.reading_service_pb2 import ReadingKind

from services.kit.access.peer import name_system
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.store.readings import StoredReading

_Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """What is about to be read; `delivery_id` is empty for outcomes."""

    kind: ReadingKind.ValueType
    exchange_id: str
    delivery_id: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the system by its certificate, and the person as far as the call says."""

    system: str
    person: str = field(default="", repr=False)
    role: str = field(default="", repr=False)

    @classmethod
    def of(cls, context: _Context, author: Author) -> "Reader":
        """The reader in a call."""
        return cls(name_system(context.auth_context()), author.name, author.role)


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
        )
        for each in read
    ]
    if noted:
        await records.store.write(partial(records.readings.add, added=noted))
