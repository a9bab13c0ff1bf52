"""`ppg mask`: masks the narratives of a file and prints each, with the spans masked, as a line of JSON."""

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from gateway.core.errors import DataError
from gateway.core.freetext.mask import mask_text, redact
from gateway.core.freetext.model import PartyNames
from services.kit.evidence.errors import NotDerivableError

_DONE: Final = 0
_ADVICE: Final = "write an object with id, text without the mark's sign, and parties with role and name"
KEPT: Final = "subject,staff"
"""The roles whose parties stay readable unless `--keep` says otherwise."""


def add_mask(commands: Any) -> None:
    """Adds the command to those of `ppg`."""
    mask = commands.add_parser(
        "mask", help="mask the narratives of a file, keeping the parties of some roles"
    )
    mask.add_argument("file", type=Path, metavar="FILE.jsonl")
    mask.add_argument("--keep", default=KEPT, help="roles whose parties stay readable, separated by commas")
    mask.set_defaults(run=_mask)


def mask_narratives(
    lines: Iterable[str], keep: frozenset[str], file: str = "narratives"
) -> Iterator[dict[str, Any]]:
    """Masks narratives in the form of tests/redaction/README.md, one a line.

    Yields:
        `id`, `text` (masked) and `spans` (`start`, `end` in code points of the original, and `type`).

    Raises:
        DataError: a line is no narrative, or its text holds the mark's own sign; the message has its number.
    """
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield _mask_one(json.loads(line), keep)
            except (AttributeError, KeyError, NotDerivableError, TypeError, ValueError) as fault:
                raise DataError(file, number, "", _ADVICE) from fault


def _mask(options: argparse.Namespace) -> int:
    keep = frozenset(filter(None, options.keep.split(",")))
    with options.file.open(encoding="utf-8") as lines:
        for masked in mask_narratives(lines, keep, options.file.name):
            print(json.dumps(masked, ensure_ascii=False))
    return _DONE


def _mask_one(record: Mapping[str, Any], keep: frozenset[str]) -> dict[str, Any]:
    kept = [_names(party) for party in record["parties"] if party["role"] in keep]
    protected = [_names(party) for party in record["parties"] if party["role"] not in keep]
    spans = mask_text(record["text"], protected, kept)
    places = [{"start": each.start, "end": each.end, "type": each.kind.value} for each in spans]
    return {"id": record["id"], "text": redact(record["text"], spans), "spans": places}


def _names(party: Mapping[str, Any]) -> PartyNames:
    """A party of a narrative: name, aliases, address in one line, telephone number."""
    return PartyNames(
        name=party["name"],
        aliases=tuple(party.get("aliases") or ()),
        addresses=tuple(filter(None, [party.get("address")])),
        phones=tuple(filter(None, [party.get("phone")])),
    )
