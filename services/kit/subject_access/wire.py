"""Between the words of a case and those of the contract."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1.subject_access_terms_pb2 import AccessClock

from services.kit.access.actor import Actor
from services.kit.subject_access.clock import CaseClock
from services.kit.subject_access.errors import FutureDayError
from services.kit.subject_access.model import Decision, Disposition, Who
from services.kit.subject_access.rules import Tell

_DISPOSITION: Final = "ACCESS_DISPOSITION_"
_TELL: Final = "ACCESS_TELL_"


def who_of(actor: Actor) -> Who:
    """The person of a call, as events keep them."""
    person = actor.require_person()
    return Who(person.subject, person.name, person.job, actor.role.value)


def write_day(day: date) -> Date:
    """A day in the contract's form."""
    return Date(year=day.year, month=day.month, day=day.day)


def read_day(written: Date) -> date | None:
    """A full day; None if it is none."""
    try:
        return date(written.year, written.month, written.day)
    except ValueError:
        return None


def require_past(written: Date, today: date, field: str) -> date:
    """A full day that is not ahead; FutureDayError otherwise."""
    day = read_day(written)
    if day is None or day > today:
        raise FutureDayError(field)
    return day


def name_value(enumeration: EnumDescriptor, number: int) -> str:
    """The name of an enumeration's value without its prefix."""
    values = enumeration.values_by_number
    return str(values[number].name.removeprefix(values[0].name.removesuffix("UNSPECIFIED")))


def read_decision(written: documents.AccessDecision | pb2.ItemDecision) -> Decision:
    """A decision as stated; what a given item says of exemptions is left out."""
    disposition = Disposition(
        documents.AccessDisposition.Name(written.disposition).removeprefix(_DISPOSITION)
    )
    if disposition is Disposition.GIVE:
        return Decision(disposition)
    tell = documents.AccessTell.Name(written.tell).removeprefix(_TELL)
    return Decision(
        disposition,
        written.exemption,
        written.reason,
        None if tell == "UNSPECIFIED" else Tell(tell),
        read_day(written.until) if written.HasField("until") else None,
    )


def write_decision(path: str, decision: Decision) -> documents.AccessDecision:
    """A decision in the contract's form."""
    written = documents.AccessDecision(
        path=path,
        disposition=documents.AccessDisposition.Value(f"{_DISPOSITION}{decision.disposition}"),
    )
    if decision.disposition is Disposition.WITHHOLD:
        written.exemption, written.reason = decision.exemption, decision.reason
        if decision.tell is not None:
            written.tell = documents.AccessTell.Value(f"{_TELL}{decision.tell}")
        if decision.until is not None:
            written.until.CopyFrom(write_day(decision.until))
    return written


def read_subject(opened: Mapping[str, Any]) -> PersonIdentity:
    """Whose data a case is about."""
    return ParseDict(opened["subject"], PersonIdentity())


def write_clock(clock: CaseClock, today: date, *, extended: bool, answered: bool) -> AccessClock:
    """How the time of a case stands, in the contract's form."""
    return AccessClock(
        runs_from=None if clock.runs_from is None else write_day(clock.runs_from),
        due_on=None if clock.due is None else write_day(clock.due),
        reminders=[write_day(each) for each in clock.reminders],
        stands_still=clock.stands_still,
        overdue=clock.overdue(today) and not answered,
        extended=extended,
    )
