"""That somebody takes exchanges out of the register as a file, on record (DPA 2018 section 62(1)(c), (2)).

An address and a contract's text field may hold anything: only what names something that there is goes in.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from google.protobuf.descriptor import EnumDescriptor
from publicprotection.common.v1.organisation_pb2 import Marking
from publicprotection.exchange.v1.header_pb2 import Purpose, Urgency
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.app.log_queries import UNKNOWN, known_exchange, list_reader, moment_of, name_asked
from gateway.app.records import RecordType, record
from gateway.app.register.listing import term
from gateway.app.register.rows import FIRST, Facet, Side, Terms, Wanted
from gateway.app.subject_acts import Act, commit_actor
from gateway.app.subject_people import find_persons
from gateway.app.tools import Work
from gateway.core.documents import document_types
from services.kit.access.actor import Actor, Role

Row = list[str]

TASKS: Final = {
    Role.MAPPA_COORDINATOR: "AREA_OVERSIGHT",
    Role.DATA_PROTECTION_OFFICER: "DATA_PROTECTION",
    Role.AUDITOR: "AUDIT",
}
"""What an export is for: the task of the role that the table lets export."""

_ANY: Final = pb2.RegisterFilter()


async def record_export(work: Work, actor: Actor, asked: pb2.RegisterFilter) -> None:
    """Records an export; what it is narrowed by as codes, a person as commitments.

    Args:
        work: the unit of work.
        actor: who takes it.
        asked: validated; whoever takes it may filter so.
    """
    people = await _find_people(work, asked.subject)
    filters = [row for row in await _list_conditions(work, asked, people) if len(row) > 1]
    await record(
        work,
        RecordType.REGISTER_EXPORTED,
        purpose=TASKS[actor.role],
        queried="ALL" if asked == _ANY else "SOME",
        filters=filters or None,
        subjects=people,
        queried_exchange=await known_exchange(work, asked.thread),
        queried_from=moment_of(asked.since).isoformat() if asked.HasField("since") else None,
        queried_until=moment_of(asked.until).isoformat() if asked.HasField("until") else None,
        listed_under=list_reader(work, Act(actor, "")),
        **await commit_actor(work, actor),
    )


async def _find_people(work: Work, subject: str) -> tuple[str, ...]:
    found = await find_persons(work, [subject]) if subject else {}
    return tuple(sorted({entry for person in found.values() for entry in person.ids}))


async def _list_conditions(work: Work, asked: pb2.RegisterFilter, people: Collection[str]) -> list[Row]:
    """Each condition and its codes; one that is not asked for has none."""
    organisations = [name_asked(work, each) or UNKNOWN for each in asked.organisations]
    return [
        ["SUBJECT", *([UNKNOWN] if asked.subject and not people else [])],
        ["ORGANISATION", *organisations],
        ["PART", *_name(pb2.ExchangePart.DESCRIPTOR, [asked.part] if asked.part else [])],
        ["DOCUMENT", *(each if each in document_types() else UNKNOWN for each in asked.document_types)],
        ["PURPOSE", *_name(Purpose.DESCRIPTOR, asked.purposes)],
        ["URGENCY", *_name(Urgency.DESCRIPTOR, asked.urgencies)],
        ["RESULT", *_name(pb2.ExchangeResult.DESCRIPTOR, asked.results)],
        ["RULE", *[each if await _bore(work, each) else UNKNOWN for each in asked.rules]],
        ["MARKING", *_name(Marking.DESCRIPTOR, asked.markings)],
        ["ONLY", *(["VICTIM_INFORMATION"] if asked.victim_information else [])],
        ["ONLY", *(["NOT_ACKNOWLEDGED"] if asked.not_acknowledged else [])],
    ]


def _name(described: EnumDescriptor, values: Iterable[int]) -> Sequence[str]:
    """Names of values without the prefix that all of an enumeration have."""
    prefix = described.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return [described.values_by_number[each].name.removeprefix(prefix) for each in values]


async def _bore(work: Work, rule: str) -> bool:
    """Whether a rule or clause of that id bore on any decision: otherwise it is somebody's own text."""
    number = term(Side.EVERYBODY, "", Facet.RULE, rule)
    terms = Terms((number,), (number,))
    return bool((await work.unit.listings.find(Wanted(terms), FIRST, 1)).positions)
