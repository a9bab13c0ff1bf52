"""Between the words of a case and those of the contract."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1.subject_access_terms_pb2 import AccessClock

from services.kit.access.actor import Actor
from services.kit.subject_access.clock import Days, read_clock
from services.kit.subject_access.errors import FutureDayError
from services.kit.subject_access.model import Decision, Disposition, SeriousHarm, ThirdParty, Who
from services.kit.subject_access.rules import Tell, TimeRules

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
    harm, third = _read_weighed(written)
    if disposition is Disposition.GIVE:
        return Decision(disposition, serious_harm=harm, third_party=third)
    tell = documents.AccessTell.Name(written.tell).removeprefix(_TELL)
    return Decision(
        disposition,
        written.exemption,
        written.reason,
        None if tell == "UNSPECIFIED" else Tell(tell),
        read_day(written.until) if written.HasField("until") else None,
        harm,
        third,
    )


def write_harm(harm: SeriousHarm | None) -> review.SeriousHarmTest | None:
    """The harm that was weighed, in the contract's form."""
    if harm is None:
        return None
    on = None if harm.opinion_on is None else write_day(harm.opinion_on)
    return review.SeriousHarmTest(met=harm.met, opinion_of=harm.opinion_of, opinion_on=on, reason=harm.reason)


def write_third_party(third: ThirdParty | None) -> review.ThirdPartyBalance | None:
    """The rights of others that were weighed, in the contract's form."""
    if third is None:
        return None
    consent = review.ThirdPartyConsent.Value(f"THIRD_PARTY_CONSENT_{third.consent}")
    return review.ThirdPartyBalance(consent=consent, reasonable=third.reasonable, reason=third.reason)


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


def write_clock(days: Days, rules: TimeRules, today: date, *, issued: bool) -> AccessClock:
    """How the time of a case stands, in the contract's form."""
    clock = read_clock(days, rules)
    waits_for, since = _stands_still(days)
    return AccessClock(
        runs_from=_maybe_day(clock.runs_from),
        due_on=_maybe_day(clock.due),
        reminders=[write_day(each) for each in clock.reminders],
        stands_still=clock.stands_still,
        overdue=clock.overdue(today) and not issued,
        extended=days.extended,
        days_left=0 if clock.due is None else (clock.due - today).days,
        reminders_due=sum(each <= today for each in clock.reminders),
        extension_by=_maybe_day(clock.first_month_ends),
        stands_still_for=waits_for,
        stands_still_since=_maybe_day(since),
    )


def _stands_still(days: Days) -> tuple[str, date | None]:
    """For what the time stands still, and since when; empty: it runs."""
    if days.identity_asked is not None and days.identity is None:
        return "IDENTITY", days.identity_asked
    if days.pauses and days.pauses[-1].until is None:
        return "CLARIFICATION", days.pauses[-1].since
    return "", None


def _maybe_day(day: date | None) -> Date | None:
    return None if day is None else write_day(day)


def _read_weighed(
    written: documents.AccessDecision | pb2.ItemDecision,
) -> tuple[SeriousHarm | None, ThirdParty | None]:
    """What was weighed for an item. An owner says of its own only what it decides, and why."""
    if not isinstance(written, pb2.ItemDecision):
        return None, None
    harm, third = written.serious_harm, written.third_party
    on = read_day(harm.opinion_on) if harm.HasField("opinion_on") else None
    consent = name_value(review.ThirdPartyConsent.DESCRIPTOR, third.consent)
    return (
        SeriousHarm(harm.met, harm.reason, harm.opinion_of, on) if written.HasField("serious_harm") else None,
        ThirdParty(consent, third.reasonable, third.reason) if written.HasField("third_party") else None,
    )
