"""The reply as a document, from what was prepared and decided. Pure."""

from typing import Any

from services.kit.minutes.cases import Case, LeftOut
from services.kit.minutes.rules import Rules

_NAMED = ("name", "date_of_birth", "identifiers")


def write_reply(case: Case, requester: str, rules: Rules) -> dict[str, Any]:
    """A reply as JSON, without its day.

    Args:
        case: approved.
        requester: what documents call whoever asks.
        rules: the terms on which it may be used.
    """
    prepared = case.prepared or {}
    answer, subject = prepared["answer"], case.opened["subject"]
    reply: dict[str, Any] = {
        "requester": f"SUMMARY_REQUESTER_{requester}",
        "subject": {name: subject[name] for name in _NAMED if name in subject},
        "answer": f"MINUTES_ANSWER_{answer}",
        "reasons": prepared["reasons"],
    }
    if not rules.route(case.route).confirms:
        owner = {"owner": case.settled["owner"]} if answer == "ASK_OWNER" else {}
        return _filled(reply | owner)
    approver = case.approved_by
    return _filled(
        reply
        | {
            "decided_by": "" if approver is None else approver.name,
            "contributors_heard": sorted(case.contributors),
            "exemptions": [_exempt(case, each) for each in case.left_out],
            "safety_concerns": prepared["safety_concerns"],
            "handling": rules.send.handling,
            "personal_data_redacted": rules.route(case.route).personal_data == "REDACTED",
        }
    )


def _exempt(case: Case, item: LeftOut) -> dict[str, str]:
    """An item in words that do not give it away: its field, and never its passage."""
    claimed = [
        each.organisation
        for each in case.claims.values()
        if (each.item.field, each.item.passage) == (item.field, item.passage)
    ]
    return {
        "item": f"{'Passage in' if item.passage else 'All of'} {item.field.replace('_', ' ')}",
        "exemption": f"MINUTES_EXEMPTION_{item.exemption}",
        "reason": item.reason,
        **({"claimed_by": claimed[0]} if claimed else {}),
    }


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in ("", [], False)}
