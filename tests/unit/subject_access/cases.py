"""Cases for the tests of subject access: folded from events, as the store gives them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.forms import write_item
from services.kit.subject_access.model import Event, Item, Who
from services.kit.subject_access.pack import Law, Sender
from services.kit.subject_access.rules import Regime, read_rules, read_wording

AT = datetime(2026, 11, 2, 10, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
RULES = read_rules()
LAW = Law(RULES, read_wording())
OWN = "kent-probation"
SENDER = Sender(OWN, "Kent probation", lambda each: each)
WORKER = Who("sam", "Sam Reed", "CASE_WORKER", "SUPERVISOR")
OFFICER = Who("ingrid", "Ingrid Thistlewood", "OFFICER", "DATA_PROTECTION_OFFICER")
OPENED = {
    "organisation": OWN,
    "requester": "SUBJECT",
    "called": "LETTER",
    "received_on": "2026-11-02",
    "reply_to": ["HMP Marlfield"],
    "subject": {},
}


def event(
    kind: Kind, who: Who | None = WORKER, *, days: int = 0, request_id: str = "", **detail: Any
) -> Event:
    return Event(kind.value, AT + timedelta(days=days), who, detail, request_id)


def opened(*later: Event, **changes: Any) -> Case:
    first = Event(Kind.OPENED.value, AT, WORKER, OPENED | changes)
    return Case.fold("case-1", [first, *later])


def established() -> Event:
    return event(Kind.IDENTITY_ESTABLISHED, evidence=["KNOWN_TO_STAFF"], received_on="2026-11-02")


def item(name: str = "item-1", **changes: Any) -> Item:
    values: dict[str, Any] = {
        "item_id": name,
        "exchange_id": "exchange-1",
        "document_type": "ReleaseNotice",
        "path": f"document.{name}",
        "category": "SUBJECT_SENTENCE",
        "title": "Notice of release",
        "label": "Release date",
        "value": "2026-12-14",
        "shown": "14 December 2026",
        "is_text": False,
        "owner": OWN,
        "sender": OWN,
        "regime": Regime.LAW_ENFORCEMENT,
        "on": date(2026, 11, 1),
        "own": True,
        "is_case": True,
    }
    return Item(**(values | changes))


def collected(*items: Item) -> Event:
    return event(Kind.COLLECTED, items=[write_item(each) for each in items])


def with_items(*items: Item) -> Case:
    return opened(established(), collected(*items))
