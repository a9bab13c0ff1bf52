"""`ppg evaluate`: decides cases offline, prints each decision, and says where it differs from the case."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from gateway.core.cases import ReadCase, read_case
from gateway.core.clocks import started_clocks
from gateway.core.comparing import compare
from gateway.core.decide import decide
from gateway.core.explain import explain_to_recipient, explain_to_sender
from gateway.core.model import Ruling
from gateway.core.rulebook import Rulebook
from gateway.core.world import World


def evaluate(files: Sequence[Path], world: World, *, as_json: bool) -> int:
    """Decides each case of each file.

    Returns:
        0 if every case is as it expects, otherwise 1.

    Raises:
        CaseFileError, OSError: a case cannot be read.
    """
    results = [_result(read_case(str(file), file.read_text(encoding="utf-8"), world)) for file in files]
    if as_json:
        print(json.dumps(results if len(results) > 1 else results[0], indent=2, ensure_ascii=False))
    else:
        for result in results:
            _print(result)
    return 0 if all(not result["differences"] for result in results) else 1


def _result(read: ReadCase) -> dict[str, Any]:
    rulings = decide(read.case, read.world)
    return {
        "case": read.name,
        "rulebook": read.world.rulebook.version,
        "decisions": {str(each.recipient): _decision(each, read.world.rulebook) for each in rulings},
        "differences": compare(read, rulings),
    }


def _decision(ruling: Ruling, rulebook: Rulebook) -> dict[str, Any]:
    told = explain_to_recipient(ruling)
    return {
        "outcome": str(ruling.outcome),
        "released": sorted(ruling.released),
        "derived": {each.path: each.value for each in ruling.derived},
        "withheld": sorted({each.category for each in ruling.withheld}),
        "held": sorted({category for each in ruling.held for category in each.categories}),
        "rules": [each.rule for each in ruling.rules],
        "flags": [str(flag) for flag in ruling.flags],
        "clocks": [each.id for each in started_clocks(ruling, rulebook)],
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
        reason = decision["sender_learns"].get("reason")
        if reason:
            print(f"    because: {reason['reason']} ({reason['paragraph']})")
        instead = decision["sender_learns"].get("instead")
        if instead:
            print(f"    instead: {', '.join(filter(None, instead.values()))}")
    for difference in result["differences"]:
        print(f"  DIFFERS {difference}")
