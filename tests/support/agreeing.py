"""Small agreements between made-up parties, and what happens to them."""

from datetime import date
from typing import Any

from gateway.core.agreement_events import AgreementEvent, EventKind
from gateway.core.agreement_short import ShortAgreement
from gateway.core.agreements import Agreement, terms_digest_of

PARTIES = {"alpha": "CONTROLLER", "beta": "JOINT_CONTROLLER", "gamma": "CONTROLLER", "delta": "PROCESSOR"}
STARTS = {"1": "2027-01-10", "2": "2027-06-01", "3": "2027-09-01"}
ENDS = {"1": "2029-01-09", "2": "2029-06-01", "3": "2029-09-01"}
CLAUSE: dict[str, Any] = {
    "id": "A1",
    "paragraph": "clause 1",
    "from": {},
    "to": {},
    "documents": ["RestrictionNotice"],
    "purposes": ["MANAGE_RISK"],
    "categories": ["SUBJECT_IDENTITY", "SUBJECT_RESTRICTION"],
}


def pair(version: str, **changes: Any) -> Agreement:
    """The agreement `pair` in one version, as a draft."""
    gone = changes.pop("without", ())
    parties = [{"organisation": name, "status": status} for name, status in PARTIES.items()]
    written = {
        "id": "pair",
        "version": version,
        "state": "DRAFT",
        "owner": next(name for name in PARTIES if name not in gone),
        "parties": [each for each in parties if each["organisation"] not in gone],
        "marking_ceiling": "OFFICIAL_SENSITIVE",
        "starts": STARTS[version],
        "review": ENDS[version],
        "expiry": ENDS[version],
        "clauses": [CLAUSE],
        "signatures": [],
        **changes,
    }
    return Agreement.model_validate(
        ShortAgreement.model_validate(written).model_dump(mode="json", by_alias=True)
    )


def event_of(row: dict[str, Any], drafts: dict[str, Agreement]) -> AgreementEvent:
    """An event as a vector writes it; proposals are remembered in `drafts`, for what is signed later."""
    organisation, _, person = row.get("by", "").partition("/")
    version, kind = row.get("version", ""), EventKind(row["act"])
    terms = None
    if kind in (EventKind.PROPOSED, EventKind.IMPORTED):
        signed = [
            {"organisation": name, "role": "Chief", "on": "2026-12-01"} for name in row.get("signed", ())
        ]
        changes = {name: row[name] for name in ("state", "suspended", "without") if name in row}
        terms = pair(version, signatures=signed, **changes)
        if "refused" not in row:
            drafts[version] = terms
    shown = drafts.get(version) or pair("1")
    return AgreementEvent(
        kind,
        "pair",
        date.fromisoformat(str(row["day"])),
        version,
        organisation,
        person=person,
        job="CHIEF",
        party=row.get("party", ""),
        digest="00" * 32 if row.get("text") == "other" else terms_digest_of(shown),
        terms=terms,
    )
