"""Items and decisions as JSON, the form in which events keep them."""

from datetime import date
from typing import Any

from services.kit.subject_access.model import Decision, Disposition, Item
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


def write_decision(decision: Decision) -> dict[str, Any]:
    """A decision as JSON."""
    return {
        "disposition": decision.disposition.value,
        "exemption": decision.exemption,
        "reason": decision.reason,
        "tell": None if decision.tell is None else decision.tell.value,
        "until": None if decision.until is None else decision.until.isoformat(),
    }


def read_decision(members: dict[str, Any]) -> Decision:
    """A decision from JSON."""
    return Decision(
        Disposition(members["disposition"]),
        members["exemption"],
        members["reason"],
        None if members["tell"] is None else Tell(members["tell"]),
        None if members["until"] is None else date.fromisoformat(members["until"]),
    )
