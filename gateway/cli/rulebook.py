"""`ppg rulebook`: check, prove, coverage, compare, schema."""

import argparse
from pathlib import Path
from typing import Any

from gateway.adapters.files import RULEBOOK, read_never, read_rulebook
from gateway.core.prove import Proof, prove


def add_actions(actions: Any) -> None:
    """Adds the actions to the command line."""
    check = actions.add_parser("check", help="read all files and report the first fault")
    check.set_defaults(run=_check)
    proof = actions.add_parser("prove", help="try whether anything forbidden could ever be released")
    proof.add_argument("--every", action="store_true", help="try kinds and purposes that are alike, too")
    proof.set_defaults(run=_prove)
    for each in (check, proof):
        each.add_argument("folder", nargs="?", type=Path, default=RULEBOOK)


def _check(options: argparse.Namespace) -> int:
    book = read_rulebook(options.folder)
    print(f"rulebook {book.version}: {len(book.rules)} rules, {len(book.needs)} needs, no faults")
    return 0


def _prove(options: argparse.Namespace) -> int:
    book = read_rulebook(options.folder)
    proof = prove(book, read_never(options.folder), every=options.every)
    print(f"rulebook {book.version}: {describe_proof(proof)}")
    return 0 if proof.holds else 1


def describe_proof(proof: Proof) -> str:
    """What came of a proof: how much was visited, and each combination that refutes it, a line each."""
    visited = f"{proof.visited:,} combinations visited, standing for {proof.stands_for:,}"
    lines = [
        f"{proof.prohibitions} prohibitions, {visited}: {'proved' if proof.holds else 'NOT PROVED'}",
        *(f"  BREACH {each}" for each in proof.breaches),
        *(f"  IDLE {name}: no combination puts it to work; mend its condition" for name in proof.idle),
        *(f"  note {name}: its documents cannot hold what it forbids" for name in proof.bare),
    ]
    return "\n".join(lines)
