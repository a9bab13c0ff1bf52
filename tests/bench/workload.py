"""What is measured: a notice of release of sixty leaves, with and without a narrative of 2,000 letters."""

from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any, Final

from google.protobuf.json_format import ParseDict
from publicprotection.documents.v1.custody_pb2 import ReleaseNotice
from publicprotection.exchange.v1.header_pb2 import Header

from gateway.core.model import TYPE_PATH, Case
from services.kit.evidence.leaves import flatten

LEAVES: Final = 60
NARRATIVE_LETTERS: Final = 2_000
SENDER: Final = "marlfield-prison"
RECIPIENT: Final = "kent-probation"
DESK: Final = "sentence-management"
_SENTENCE: Final = (
    "Engages with his keyworker and has kept every appointment since the last review of the plan. "
    "Says that he means to look for work near the approved address. "
)


def make_document(*, narrative: bool) -> ReleaseNotice:
    """A notice of exactly sixty leaves; one of them is the narrative, if there is to be one."""
    document = ParseDict(_FORM, ReleaseNotice())
    if narrative:
        document.narrative = "".join(islice(cycle(_SENTENCE), NARRATIVE_LETTERS))
    else:
        document.without_licence = False
    _check_size(len(flatten(document, prefix="document")))
    return document


def make_header(request_id: str) -> Header:
    """The header of an exchange from a prison to the probation desk that is to supervise."""
    return ParseDict(_HEADER | {"request_id": request_id}, Header())


def make_case() -> Case:
    """The notice without free text, ready to decide."""
    document, header = _without_texts(make_document(narrative=False)), make_header("bench")
    header.sender.organisation = SENDER
    leaves = {TYPE_PATH: "ReleaseNotice", **flatten(header, prefix="header")}
    leaves |= flatten(document, prefix="document")
    _check_size(sum(path.startswith("document") for path in leaves))
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return Case("bench", "ReleaseNotice", header, document, leaves, (), at)


def _without_texts(document: ReleaseNotice) -> ReleaseNotice:
    """As many leaves, with children and an alias in place of prose, which has to be read for names."""
    for offence in document.offences:
        offence.ClearField("description")
        offence.ClearField("sentence")
    for restriction in document.restrictions:
        restriction.ClearField("terms")
    document.children.extend(list(document.children))
    document.subject.aliases.append("Tobe Marsh")
    return document


def _check_size(leaves: int) -> None:
    if leaves != LEAVES:
        raise AssertionError(f"the workload has {leaves} leaves, not {LEAVES}")


def _date(year: int, month: int, day: int) -> dict[str, int]:
    return {"year": year, "month": month, "day": day}


def _address(row: int) -> dict[str, Any]:
    return {
        "lines": [f"{row} Quincunx Row", "Nether End"],
        "town": "Merrowhythe",
        "postcode": "CT97 4ZZ",
        "local_authority": "Merrowhythe District",
    }


_HEADER: Final[dict[str, Any]] = {
    "recipients": [{"organisation": RECIPIENT, "desk": DESK}],
    "purpose": "PURPOSE_PLAN_RELEASE",
    "lawful_bases": ["LAWFUL_BASIS_CJA_2003_S325"],
    "conditions": ["PROCESSING_CONDITION_SCH8_STATUTORY_PURPOSES"],
    "necessity": "Needed to plan the release and to manage the risk that this person poses.",
    "author": {"name": "Ines Farrowdale", "role": "PRISON_OFFENDER_MANAGER"},  # who signs in there
    "urgency": "URGENCY_ROUTINE",
    "marking": "MARKING_OFFICIAL_SENSITIVE",
    "facts": {"mappa_managed": {"answer": "ANSWER_YES"}},
}

_FORM: Final[dict[str, Any]] = {
    "notice": "RELEASE_NOTICE_KIND_CONFIRMED",
    "subject": {
        "name": {"family": "Marsh", "given": "Toby"},
        "aliases": ["Tobias Marsh", "T. Marsh"],
        "date_of_birth": _date(1980, 2, 3),
        "identifiers": [{"system": "IDENTIFIER_SYSTEM_PNC_ID", "value": "2001/0012345X"}],
        "address": _address(11),
        "telephone": "01632 960123",
    },
    "release_date": _date(2026, 12, 14),
    "release_type": "RELEASE_TYPE_LICENCE",
    "establishment": "Marlfield",
    "sentence_expiry": _date(2027, 12, 14),
    "release_address": _address(4),
    "offences": [
        {"description": f"Assault, count {count}", "date": _date(2024, 5, count), "sentence": "Three years"}
        for count in (1, 2, 3)
    ],
    "risk": [
        {"group": "AT_RISK_GROUP_CHILDREN", "level": "RISK_LEVEL_HIGH"},
        {"group": "AT_RISK_GROUP_KNOWN_ADULT", "level": "RISK_LEVEL_MEDIUM"},
    ],
    "restrictions": [
        {
            "kind": "RESTRICTION_KIND_NON_CONTACT",
            "terms": f"Condition {count}",
            "start": _date(2026, 12, 14),
            "end": _date(2027, 12, 14),
        }
        for count in (1, 2, 3)
    ],
    "children": [
        {
            "person": {
                "name": {"family": "Wrenfield", "given": given},
                "date_of_birth": _date(2016, 3, 4),
            },
            "relationship": "Lives at the address",
        }
        for given in ("Juniper", "Rowan")
    ],
    "staff_at_risk": True,
    "mappa_category": 2,
    "mappa_level": 2,
}
