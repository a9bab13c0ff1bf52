"""`ppg evaluate`: decides cases offline, prints each decision, and says where it differs from the case."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from gateway.core.cases import ReadCase, read_case
from gateway.core.clocks import started_clocks
from gateway.core.comparing import compare
from gateway.core.deadlines.expecting import clocks_of
from gateway.core.decide import decide
from gateway.core.errors import CaseFileError
from gateway.core.explain import explain_to_recipient, explain_to_sender
from gateway.core.model import Ruling
from gateway.core.world import World
from services.kit.bank_holidays import england_and_wales
from services.kit.rpc.errors import InvalidRequestError
from services.kit.rpc.validation import validate

_AGREED, _DIFFERS, _UNREADABLE = 0, 1, 2
_SHOWN: Final = 3


def evaluate(files: Sequence[Path], world: World, *, as_json: bool) -> int:
    """Decides each case of each file.

    A case that cannot be read is named on standard error and keeps none of the others from being decided.

    Returns:
        0 if every case is as it expects, 1 if one differs, 2 if one cannot be read.
    """
    results = [result for result in (_evaluated(file, world) for file in files) if result is not None]
    if not as_json:
        for result in results:
            _print(result)
    elif results:
        print(json.dumps(results if len(files) > 1 else results[0], indent=2, ensure_ascii=False))
    if len(results) < len(files):
        return _UNREADABLE
    return _DIFFERS if any(result["differences"] for result in results) else _AGREED


def _evaluated(file: Path, world: World) -> dict[str, Any] | None:
    try:
        return _result(read_case(str(file), file.read_text(encoding="utf-8"), world))
    except (CaseFileError, OSError, UnicodeDecodeError) as fault:
        print(f"ppg: {fault}", file=sys.stderr)
        return None


def _result(read: ReadCase) -> dict[str, Any]:
    rulings = decide(read.case, read.world)
    return {
        "case": read.name,
        "rulebook": read.world.rulebook.version,
        "decisions": {str(each.recipient): _decision(read, rulings, each) for each in rulings},
        "differences": compare(read, rulings, england_and_wales()),
        "not_accepted": [f"{field}: {advice}" for field, advice in _violations(read.case.document)],
    }


def _violations(document: Message) -> tuple[tuple[str, str], ...]:
    """What the sender's own service would send back before anything is decided: field and advice.

    A case may leave out what it is not about, so this is said and is no difference.
    """
    try:
        validate(document)
    except InvalidRequestError as fault:
        return tuple((each.field or "document", each.advice) for each in fault.violations)
    return ()


def _decision(read: ReadCase, rulings: Sequence[Ruling], ruling: Ruling) -> dict[str, Any]:
    told = explain_to_recipient(ruling)
    return {
        "outcome": str(ruling.outcome),
        "released": sorted(ruling.released),
        "derived": {each.path: each.value for each in ruling.derived},
        "withheld": sorted({each.category for each in ruling.withheld}),
        "held": sorted({category for each in ruling.held for category in each.categories}),
        "rules": [each.rule for each in ruling.rules],
        "flags": [str(flag) for flag in ruling.flags],
        "clocks": [each.id for each in started_clocks(ruling, read.world.rulebook)],
        "due": clocks_of(read.case, rulings, ruling, read.world, england_and_wales()),
        "sender_learns": _as_json(explain_to_sender(ruling)),
        "recipient_learns": _as_json(told) if told is not None else None,
    }


def _as_json(message: Any) -> Any:
    return MessageToDict(message, preserving_proto_field_name=True)


def _print(result: dict[str, Any]) -> None:
    print(f"{result['case']}: {'differs' if result['differences'] else 'as expected'}")
    for recipient, decision in result["decisions"].items():
        print(f"  {recipient}: {decision['outcome']}")
        for what in ("withheld", "held", "rules", "flags", "clocks"):
            if decision[what]:
                print(f"    {what}: {', '.join(decision[what])}")
        for limit, due in decision["due"].items():
            print(f"    due: {limit}: {due}")
        reason = decision["sender_learns"].get("reason")
        if reason:
            print(f"    because: {reason['reason']} ({reason['paragraph']})")
        instead = decision["sender_learns"].get("instead")
        if instead:
            print(f"    instead: {', '.join(filter(None, instead.values()))}")
    for violation in result["not_accepted"][:_SHOWN]:
        print(f"  the sender's service would not accept this: {violation}")
    if (more := len(result["not_accepted"]) - _SHOWN) > 0:
        print(f"  and {more} more, which --json lists")
    for difference in result["differences"]:
        print(f"  DIFFERS {difference}")
