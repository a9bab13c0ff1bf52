"""Items and decisions as JSON, the form in which events keep them."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from services.kit.subject_access.model import Decision, Disposition, Item, SeriousHarm, ThirdParty
from services.kit.subject_access.rules import Regime, Tell


def write_item(item: Item) -> dict[str, Any]:
    """An item as JSON."""
    return {
        "item_id": item.item_id,
        "exchange_id": item.exchange_id,
        "document_type": item.document_type,
        "path": item.path,
        "category": item.category,
        "title": item.title,
        "label": item.label,
        "value": item.value,
        "shown": item.shown,
        "is_text": item.is_text,
        "owner": item.owner,
        "sender": item.sender,
        "regime": item.regime.value,
        "on": item.on.isoformat(),
        "own": item.own,
        "is_case": item.is_case,
        "purpose": item.purpose,
    }


def read_item(members: dict[str, Any]) -> Item:
    """An item from JSON."""
    day = date.fromisoformat(members["on"])
    return Item(**{**members, "regime": Regime(members["regime"]), "on": day})


def read_spans(members: Iterable[Iterable[int]]) -> tuple[tuple[int, int], ...]:
    """Spans from JSON: pairs of a start and an end."""
    return tuple((start, end) for start, end in members)


def write_decision(decision: Decision) -> dict[str, Any]:
    """A decision as JSON."""
    return {
        "disposition": decision.disposition.value,
        "exemption": decision.exemption,
        "reason": decision.reason,
        "tell": None if decision.tell is None else decision.tell.value,
        "until": None if decision.until is None else decision.until.isoformat(),
        **_write_weighed(decision),
    }


def read_decision(members: dict[str, Any]) -> Decision:
    """A decision from JSON."""
    return Decision(
        Disposition(members["disposition"]),
        members["exemption"],
        members["reason"],
        None if members["tell"] is None else Tell(members["tell"]),
        None if members["until"] is None else date.fromisoformat(members["until"]),
        _read_harm(members.get("serious_harm")),
        ThirdParty(**members["third_party"]) if "third_party" in members else None,
    )


def _write_weighed(decision: Decision) -> dict[str, Any]:
    """What was weighed: only what was, so that a decision without it is written as ever."""
    written: dict[str, Any] = {}
    if (harm := decision.serious_harm) is not None:
        day = None if harm.opinion_on is None else harm.opinion_on.isoformat()
        written["serious_harm"] = {**asdict(harm), "opinion_on": day}
    if decision.third_party is not None:
        written["third_party"] = asdict(decision.third_party)
    return written


def _read_harm(members: dict[str, Any] | None) -> SeriousHarm | None:
    if members is None:
        return None
    day = members["opinion_on"]
    return SeriousHarm(**{**members, "opinion_on": None if day is None else date.fromisoformat(day)})
