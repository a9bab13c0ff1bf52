"""Texts for the person whom they are about: everybody else is masked, and nothing of the texts is kept.

Who they are the register knows, and the documents that name them. Only spans go back: who asked masks its
own text, so nothing can be inserted.
"""

from collections.abc import Iterable

from publicprotection.exchange.v1 import outcome_pb2, subject_access_documents_pb2, subject_access_result_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.describing import Description, read_descriptions
from gateway.app.envelopes import report
from gateway.app.records import RecordType, commit_text, record
from gateway.app.subject_access.ports import LocationRow
from gateway.app.subject_access.routing import PURPOSE, UNKNOWN
from gateway.app.tools import Work
from gateway.core.freetext.mask import mask_text
from gateway.core.freetext.model import PartyNames

_Document = subject_access_documents_pb2.TextMasking


async def check_masking(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether who asks made the search by which the person was found."""
    location = await work.unit.subject_access.find_location(_document(exchange).location_id)
    return None if location is not None and location.organisation == exchange.sender else UNKNOWN


async def take_masking(work: Work, exchange: Exchange) -> None:
    """Finds what is to be masked, records that it was asked, and tells who asked."""
    document = _document(exchange)
    location = await work.unit.subject_access.find_location(document.location_id)
    if location is None:
        raise AssertionError("checked before")
    masked = await _mask(work, document, location)
    scope = exchange.exchange_id
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    leaf = await record(
        work,
        RecordType.TEXTS_MASKED,
        exchange=scope,
        in_reply_to=document.location_id,
        sender=exchange.sender,
        purpose=PURPOSE,
        records=len(document.texts),
        about=location.subject_ids,
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
    )
    outcome = outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_TEXTS_MASKED,
        record_hash=leaf,
        document_type=exchange.document_type,
        access=subject_access_result_pb2.SubjectAccessResult(masked=masked),
    )
    await report(work, exchange.sender, outcome)


async def _mask(
    work: Work, document: _Document, location: LocationRow
) -> subject_access_result_pb2.MaskedTexts:
    said = await read_descriptions(work, await work.unit.subjects.case_texts(location.subject_ids))
    own = set(location.subject_ids)
    kept = (*_of(said, own, inside=True), _subject(document))
    protected = (*_of(said, own, inside=False), *_others(document))
    return subject_access_result_pb2.MaskedTexts(
        texts=[
            subject_access_result_pb2.MaskedText(
                item=each.item,
                spans=[
                    subject_access_result_pb2.TextSpan(start=span.start, end=span.end)
                    for span in mask_text(each.text, protected, kept)
                ],
            )
            for each in document.texts
        ]
    )


def _of(said: Iterable[Description], own: set[str], *, inside: bool) -> tuple[PartyNames, ...]:
    """Names of the person, or of everybody else of whom the register knows beside them."""
    names = (each.names for each in said if (each.party_id in own) is inside)
    return tuple(dict.fromkeys(names))


def _subject(document: _Document) -> PartyNames:
    person = document.subject
    date = person.date_of_birth
    births = ((date.year, date.month, date.day),) if date.day else ()
    return PartyNames(
        name=f"{person.name.given} {person.name.family}".strip(),
        family=person.name.family,
        identifiers=tuple(each.value for each in person.identifiers),
        births=births,
    )


def _others(document: _Document) -> tuple[PartyNames, ...]:
    named = (f"{each.given} {each.family}".strip() for each in document.others)
    families = (each.family for each in document.others)
    return tuple(
        PartyNames(name=name, family=family) for name, family in zip(named, families, strict=True) if name
    )


def _document(exchange: Exchange) -> _Document:
    if not isinstance(exchange.document, _Document):
        raise TypeError("not a masking of texts")
    return exchange.document
