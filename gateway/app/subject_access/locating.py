"""Where data about a person lies, as far as who asks took part: over links in force, not mere likeness.

The right of access serves to verify the lawfulness of the processing, and for that the log may be read
(DPA 2018 s.62(4)(a)). Nobody learns of exchanges that others made among themselves: a search that did not
stop there would tell any agency all of everybody.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from publicprotection.exchange.v1 import outcome_pb2, subject_access_documents_pb2, subject_access_result_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.digests import blind_subject, listing_of
from gateway.app.envelopes import report
from gateway.app.log_rows import LogFilter
from gateway.app.records import RecordType, commit_text, entry_of, record
from gateway.app.rows import RecordRow
from gateway.app.subject_access.ports import LocationRow
from gateway.app.subject_indexes import blind_identifier, blind_trace
from gateway.app.subject_people import Person, find_persons
from gateway.app.subject_rows import TraceRow
from gateway.app.tools import Work
from gateway.core.subjects.matching import SCORES, Basis, basis_of
from gateway.core.subjects.people import Birth, GivenName, StatedIdentifier, compared
from gateway.core.subjects.traces import TraceKind, traces_of_name

_PAGE: Final = 500
_MOST_TRACES: Final = 200
_TYPES: Final = (RecordType.COLLECTION.value, RecordType.DISCLOSURE.value)
_PURPOSE: Final = "VERIFY_LAWFULNESS"

Located = subject_access_result_pb2.SubjectLocated
_Document = subject_access_documents_pb2.SubjectLocation


async def check_location(work: Work, exchange: Exchange) -> Rejection | None:
    """Anybody who takes part may ask about what they took part in."""
    del work, exchange
    return None


async def take_location(work: Work, exchange: Exchange) -> None:
    """Records the search, keeps what it found, and tells who asked alone."""
    document = _document(exchange)
    people = await _find_people(work, exchange.sender, document)
    ids = sorted({entry for person in people for entry in person.ids})
    located = await _locate(work, exchange.sender, ids)
    located.candidates.extend([each async for each in _candidates(work, exchange.sender, document, ids)])
    found = tuple(each.exchange_id for each in located.exchanges)
    row = LocationRow(exchange.exchange_id, exchange.sender, tuple(ids), found, work.at)
    await work.unit.subject_access.add_location(row)
    leaf = await _record(work, exchange, people, len(found))
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_SUBJECT_LOCATED,
        record_hash=leaf,
        document_type=exchange.document_type,
        access=subject_access_result_pb2.SubjectAccessResult(located=located),
    )
    await report(work, exchange.sender, outcome)


async def _find_people(work: Work, organisation: str, document: _Document) -> list[Person]:
    """Whom the identifiers mean, each once."""
    indexes = [
        blind_identifier(
            work.tools.key_store,
            StatedIdentifier(each.system, each.value, compared(each.value)),
            organisation,
        )
        for each in document.subject.identifiers
    ]
    entries = sorted(set((await work.unit.subjects.known(indexes)).values()))
    persons = await find_persons(work, entries)
    return list({person.id: person for person in persons.values()}.values())


async def _locate(work: Work, organisation: str, ids: Collection[str]) -> Located:
    located, exchanges = Located(), dict[str, subject_access_result_pb2.LocatedExchange]()
    async for row in _records(work, organisation, ids):
        entry = entry_of(row)
        if not entry:
            continue
        known = exchanges.get(entry["exchange"]) or await _exchange(work, entry, ids)
        exchanges[entry["exchange"]] = _add(known, entry)
        if row.type == RecordType.DISCLOSURE and entry["sender"] == organisation:
            located.disclosures.append(_disclosure(entry))
    located.exchanges.extend(exchanges.values())
    return located


async def _records(work: Work, organisation: str, ids: Collection[str]) -> AsyncIterator[RecordRow]:
    """What was taken from, or went from or to, an organisation about a person; oldest first."""
    listed = tuple(blind_subject(work.tools.key_store, each) for each in ids)
    after: int | None = None
    while listed:
        wanted = LogFilter(
            listed=(listed, (listing_of(organisation),)), types=_TYPES, after_index=after, by_index=True
        )
        rows = await work.unit.log.select(wanted, _PAGE)
        for row in rows:
            yield row
        if len(rows) < _PAGE:
            return
        after = rows[-1].leaf_index


async def _exchange(
    work: Work, entry: Mapping[str, Any], ids: Collection[str]
) -> subject_access_result_pb2.LocatedExchange:
    mentions = await work.unit.subjects.mentioned(entry["exchange"])
    own = [row for row in mentions if row.subject_id in ids]
    found = subject_access_result_pb2.LocatedExchange(
        exchange_id=entry["exchange"],
        sender=entry["sender"],
        document_type=entry["document_type"],
        purpose=entry["purpose"],
        named_as=sorted({row.about or "SUBJECT" for row in own}),
        is_case=any(row.is_case for row in own),
    )
    found.at.FromDatetime(_at(entry))
    return found


def _add(
    found: subject_access_result_pb2.LocatedExchange, entry: Mapping[str, Any]
) -> subject_access_result_pb2.LocatedExchange:
    categories = sorted({*found.categories, *entry.get("categories_released", ())})
    regimes = sorted({*found.regimes, *entry.get("regimes", ())})
    del found.categories[:], found.regimes[:]
    found.categories.extend(categories)
    found.regimes.extend(regimes)
    return found


def _disclosure(entry: Mapping[str, Any]) -> subject_access_result_pb2.RecordedDisclosure:
    told = subject_access_result_pb2.RecordedDisclosure(
        exchange_id=entry["exchange"],
        delivery_id=entry["delivery"],
        recipient=entry["recipient"].partition("/")[0],
        document_type=entry["document_type"],
        categories=entry["categories_released"],
        purpose=entry["purpose"],
        lawful_bases=entry["lawful_bases"],
        regimes=entry["regimes"],
    )
    told.at.FromDatetime(_at(entry))
    return told


async def _candidates(
    work: Work, organisation: str, document: _Document, confirmed: Collection[str]
) -> AsyncIterator[subject_access_result_pb2.LocatedCandidate]:
    """Others who may be meant, and of whom who asks knows something already."""
    rows = await _traced(work, document)
    others = await find_persons(work, sorted({row.subject_id for row in rows} - set(confirmed)))
    for person in {each.id: each for each in others.values()}.values():
        basis = _basis([row for row in rows if row.subject_id in person.ids])
        known = {entry_of(row).get("exchange", "") async for row in _records(work, organisation, person.ids)}
        if basis is not None and known - {""}:
            yield subject_access_result_pb2.LocatedCandidate(
                candidate=person.id, basis=basis.value, exchange_ids=sorted(known - {""})
            )


async def _traced(work: Work, document: _Document) -> list[TraceRow]:
    name, date = document.subject.name, document.subject.date_of_birth
    if not (name.family and name.given and date.year):
        return []
    traces = traces_of_name(GivenName(name.given, name.family), Birth(date.year, date.month, date.day))
    return await work.unit.subjects.traced(
        [blind_trace(work.tools.key_store, trace) for trace in traces], _MOST_TRACES
    )


def _basis(rows: Iterable[TraceRow]) -> Basis | None:
    found = basis_of(TraceKind(row.kind) for row in rows)
    return found if found in SCORES else None


async def _record(work: Work, exchange: Exchange, people: Iterable[Person], count: int) -> str:
    scope, found = exchange.exchange_id, list(people)
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    return await record(
        work,
        RecordType.SUBJECT_LOCATED,
        exchange=scope,
        sender=exchange.sender,
        purpose=_PURPOSE,
        subjects=sorted(person.id for person in found) or None,
        about=[entry for person in found for entry in person.ids],
        records=count,
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
    )


def _at(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"]).astimezone(UTC)


def _document(exchange: Exchange) -> _Document:
    if not isinstance(exchange.document, _Document):
        raise TypeError("not a search for a subject access request")
    return exchange.document
