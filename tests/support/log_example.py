"""The worked example of docs/log-form.md: the files of tests/vectors/log/example, made anew each time alike.

`python -m tests.support.log_example` writes them.
"""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from gateway.core.log.checking import check_entry
from services.kit.evidence.bundle_form import Opened, Scope, ScopeKind
from services.kit.evidence.canonical import canonical
from services.kit.evidence.merkle import record_hash
from tests.support.exporting import SALT, SCHEME, START, WITNESSES, Log, commitment, directory
from tests.support.proving import evidence_of_a_delivery

FOLDER: Final = Path(__file__).resolve().parents[1] / "vectors" / "log" / "example"
AUTHOR: Final = {"name": "Sam Reed", "role": "OFFENDER_MANAGER"}
VOTERS: Final = WITNESSES[:3]
EXAMPLE_DESK: Final = "kent-probation/offender-management"


def make_entries() -> list[str]:
    """Three entries: a change of rules, a receipt, an acknowledgement."""
    hashes = [hashlib.sha256(bytes([number])).hexdigest() for number in range(3)]
    delivered = {"exchange": "exchange-1", "delivery": "delivery-1", "recipient": EXAMPLE_DESK}
    members: list[dict[str, Any]] = [
        {"type": "RULEBOOK_CHANGED", "verb": "GOVERNANCE", "version": "2026.1", "digest": hashes[0]},
        {
            "type": "RECEIPT",
            "verb": "RECEIPT",
            **delivered,
            "disclosure": hashes[1],
            "statement_hash": hashes[2],
        },
        {
            "type": "ACKNOWLEDGEMENT",
            "verb": "RECEIPT",
            **delivered,
            "acknowledgement": "UNDERSTOOD",
            "author_commitment": commitment(AUTHOR),
        },
    ]
    return [_entry(number, each) for number, each in enumerate(members)]


def _entry(number: int, members: dict[str, Any]) -> str:
    at = (START + timedelta(minutes=number)).isoformat(timespec="milliseconds")
    entry = {"v": 1, "at": at, "nonce": f"{number + 1:x}" * 32, **members}
    check_entry(entry)
    return canonical(entry).decode()


def make_example() -> dict[str, str]:
    """The files by name."""
    log = Log()
    log.add(make_entries())
    lines = log.export(
        Scope(ScopeKind.ALL),
        checkpoint=log.note(by=VOTERS),
        directory=directory(VOTERS),
        opened={2: (Opened("author", SALT, AUTHOR),)},
    )
    return {
        "export.jsonl": b"".join(lines).decode(),
        "delivery.json": evidence_of_a_delivery(),
        "scheme.jwk": json.dumps(SCHEME.public.to_jwk(), indent=2) + "\n",
        "facts.json": json.dumps(_facts(log), indent=2) + "\n",
    }


def _facts(log: Log) -> dict[str, Any]:
    """What somebody who writes a reader of their own compares with."""
    return {
        "leaves": [record_hash(entry.encode()) for entry in log.entries],
        "roots": [log.tree.root(size).hex() for size in range(len(log.entries) + 1)],
        "inclusion": [[each.hex() for each in log.tree.inclusion(index, 3)] for index in range(3)],
        "consistency_from_2_to_3": [each.hex() for each in log.tree.consistency(2, 3)],
        "checkpoint": log.note(by=VOTERS),
        "fingerprint": SCHEME.kid,
    }


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in make_example().items():
        (FOLDER / name).write_text(text)
