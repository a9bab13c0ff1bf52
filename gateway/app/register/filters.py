"""From a filter of the contract to the listings that are read: never one that tells more than the page."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.app.ports import Unit
from gateway.app.register.listing import term
from gateway.app.register.rows import Facet, Side, Terms, Wanted
from gateway.app.sight import Sight

_Side = tuple[Side, str]

_RESULT: Final = "EXCHANGE_RESULT_"
_PARTS: Final = {
    pb2.EXCHANGE_PART_UNSPECIFIED: (Facet.SENDER, Facet.RECIPIENT),
    pb2.EXCHANGE_PART_SENDER: (Facet.SENDER,),
    pb2.EXCHANGE_PART_RECIPIENT: (Facet.RECIPIENT,),
}


class SubjectsNotShownError(Exception):
    """Somebody who is not shown whom exchanges are about filters by a subject."""


async def read_filter(unit: Unit, sight: Sight, asked: pb2.RegisterFilter) -> Wanted | None:
    """What a filter comes to for somebody; None where there is nothing that they see.

    Args:
        unit: to find the thread of an exchange, and all entries of one person.
        sight: how far whoever asks sees.
        asked: validated.

    Raises:
        SubjectsNotShownError: it names a subject, and whoever asks is not shown any.
    """
    if asked.subject and not sight.people:
        raise SubjectsNotShownError
    sides = list(_sides(sight))
    if not sides:
        return None
    return Wanted(
        scope=_terms(sides, [(Facet.ALL, "")], sides),
        conditions=tuple(_terms(sides, any_of, _enough(sight, sides)) for any_of in _facets(asked)),
        subjects=await _entries(unit, asked.subject) if asked.subject else None,
        thread=await _thread(unit, asked.thread) if asked.thread else None,
        since=_moment(asked, "since"),
        until=_moment(asked, "until"),
    )


def _sides(sight: Sight) -> Iterator[_Side]:
    """Whose listings somebody reads."""
    if sight.organisations is None:
        yield Side.EVERYBODY, ""
        return
    for organisation in sorted(sight.organisations):
        yield Side.SENT, organisation
        yield Side.DECIDED_FOR if sight.whole else Side.RECEIVED, organisation


def _enough(sight: Sight, sides: Sequence[_Side]) -> Sequence[_Side]:
    """Who sees an exchange whole finds it by the same in all of its listings: one of them is enough."""
    return [(Side.EVERYBODY, "")] if sight.whole else sides


def _terms(sides: Sequence[_Side], any_of: Iterable[tuple[Facet, str]], enough: Sequence[_Side]) -> Terms:
    by = list(any_of)
    terms = (term(side, owner, facet, value) for side, owner in sides for facet, value in by)
    checks = (term(side, owner, facet, value) for side, owner in enough for facet, value in by)
    return Terms(tuple(terms), tuple(checks))


def _facets(asked: pb2.RegisterFilter) -> Iterator[list[tuple[Facet, str]]]:
    """For each field that is filled in, what meets it."""
    results = [pb2.ExchangeResult.Name(each).removeprefix(_RESULT) for each in asked.results]
    by_field: list[tuple[Sequence[Facet], Iterable[object]]] = [
        (_PARTS[asked.part], asked.organisations),
        ([Facet.DOCUMENT], asked.document_types),
        ([Facet.PURPOSE], asked.purposes),
        ([Facet.URGENCY], asked.urgencies),
        ([Facet.MARKING], asked.markings),
        ([Facet.RESULT], results),
        ([Facet.RULE], asked.rules),
        ([Facet.VICTIM], [""] if asked.victim_information else []),
        ([Facet.UNACKNOWLEDGED], [""] if asked.not_acknowledged else []),
    ]
    for facets, values in by_field:
        if pairs := [(facet, str(value)) for value in values for facet in facets]:
            yield pairs


async def _entries(unit: Unit, subject: str) -> tuple[str, ...]:
    """All entries that are the same person now; the one that was asked for if nobody knows it."""
    found = await unit.subjects.reached([subject])
    return tuple({subject: None} | {row.entry.subject_id: None for row in found})


async def _thread(unit: Unit, exchange_id: str) -> str:
    """The thread of an exchange; its own id if there is none, which no exchange bears then."""
    found = await unit.register.find(exchange_id)
    return exchange_id if found is None else found.thread_id


def _moment(asked: pb2.RegisterFilter, name: str) -> datetime | None:
    if not asked.HasField(name):  # type: ignore[arg-type]  # one of two names, both of this message
        return None
    moment: datetime = getattr(asked, name).ToDatetime(UTC)
    return moment
