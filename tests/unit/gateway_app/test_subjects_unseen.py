"""What the subject register does shows neither from outside nor in its files."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jellyfish
import pytest
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import IDENTIFIER_SYSTEM_CRN, IDENTIFIER_SYSTEM_PNC_ID, Identifier
from publicprotection.exchange.v1.header_pb2 import Header

from gateway.adapters.database.subjects import SubjectTable
from tests.support.gateway import Gateway, Sealed


@dataclass
class Watched:
    """The calls to the register, in their order."""

    calls: list[str] = field(default_factory=list)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in list(self._methods()):
            monkeypatch.setattr(SubjectTable, name, self._wrap(name))

    def _methods(self) -> Iterator[str]:
        yield from (name for name in vars(SubjectTable) if not name.startswith("_") and name != "connection")

    def _wrap(self, name: str) -> Any:
        real = getattr(SubjectTable, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            self.calls.append(name)
            return await real(*arguments, **named)

        return call


def numbered(value: str) -> Any:
    def change(_header: Header, document: Any) -> None:
        del document.subject.identifiers[:]
        document.subject.identifiers.append(Identifier(system=IDENTIFIER_SYSTEM_CRN, value=value))

    return change


def two_numbers(_header: Header, document: Any) -> None:
    """Of an adult in prison, for whom there is no such enquiry (NSAB 1.2)."""
    del document.adult.identifiers[:]
    for system, value in ((IDENTIFIER_SYSTEM_CRN, "X100001"), (IDENTIFIER_SYSTEM_PNC_ID, "2011/0200442N")):
        document.adult.identifiers.append(Identifier(system=system, value=value))


async def calls_of(gateway: Gateway, watched: Watched, sealed: Sealed) -> tuple[list[str], set[str]]:
    """The register's calls during one exchange, and what the exchange came to."""
    watched.calls.clear()
    assert await gateway.take(sealed.arrival) == [None]
    kinds = {row.type for row in await gateway.records() if row.exchange_id == sealed.exchange_id}
    return list(watched.calls), kinds & {"DISCLOSURE", "HOLD", "REFUSAL"}


async def test_calls_are_the_same_for_known_unknown_and_refused(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Watched()
    watched.watch(monkeypatch)
    unknown, first = await calls_of(
        gateway, watched, gateway.step("contribution", change=numbered("X100001"))
    )
    known, second = await calls_of(gateway, watched, gateway.step("contribution", change=numbered("X100001")))
    nothing, third = await calls_of(gateway, watched, gateway.step("section-42", change=two_numbers))
    assert (first, second, third) == ({"DISCLOSURE"}, {"DISCLOSURE"}, {"REFUSAL"})
    assert unknown == known == nothing
    assert unknown == ["recognised", "links_among", "case_texts", "told", "add", "learn", "reached"]


async def test_a_refused_exchange_links_and_describes_nobody(gateway: Gateway) -> None:
    sealed = gateway.step("section-42", change=two_numbers)
    assert await gateway.take(sealed.arrival) == [None]
    async with gateway.store.reading() as unit:
        mentions = await unit.subjects.mentioned(sealed.exchange_id)
        ids = [row.subject_id for row in mentions if row.is_case]
        assert len(ids) == 2
        assert await unit.subjects.links_among(ids) == []
        assert await unit.subjects.case_texts(ids) == []
        assert await unit.subjects.traces(ids) == []


async def test_files_hold_no_name_number_birth_or_sound_of_one(gateway: Gateway) -> None:
    def change(_header: Header, document: Any) -> None:
        document.subject.name.family = "Thistlewood-Catherall"
        document.subject.aliases.append("Perceval Strickett")
        document.subject.date_of_birth.CopyFrom(Date(year=1961, month=12, day=29))
        numbered("X907311")(_header, document)

    await gateway.take(gateway.step("contribution", change=change).arrival)
    async with gateway.store.reading() as unit:
        [row] = await unit.register.page(0, 1)
        assert len(await unit.subjects.traces([row.subject_id])) > 4
        assert await unit.subjects.descriptions([row.subject_id])
    names = ("thistlewood", "catherall", "thistlewoodcatherall", "strickett", "perceval")
    told = {*names, "x907311", "1961-12-29", "1961, 12, 29", "[1961,12,29]"}
    told |= {code(name).lower() for name in names for code in (jellyfish.metaphone, jellyfish.nysiis)}
    content = read_files(gateway.folder).lower()
    assert {each for each in told if each.encode() in content} == set()


def read_files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
