"""`ppg rulebook`: check, prove, coverage, compare, schema."""

import argparse
import json
from pathlib import Path
from typing import Any, Final

from gateway.adapters.coverage import VECTORS, read_sources
from gateway.adapters.files import RULEBOOK, read_never, read_rulebook
from gateway.cli.comparing import compare_folders
from gateway.cli.coverage import as_json, as_text
from gateway.core.coverage import assess
from gateway.core.prove import Proof, prove
from gateway.core.published import agreement_schema, rulebook_schema

DEPLOY: Final = RULEBOOK.parent.parent / "deploy"


def add_actions(actions: Any) -> None:
    """Adds the actions to the command line."""
    check = actions.add_parser("check", help="read all files and report the first fault")
    check.set_defaults(run=_check)
    proof = actions.add_parser("prove", help="try whether anything forbidden could ever be released")
    proof.add_argument("--every", action="store_true", help="try kinds and purposes that are alike, too")
    proof.set_defaults(run=_prove)
    covered = actions.add_parser("coverage", help="say of each id of the guidance what implements it")
    covered.add_argument("--vectors", type=Path, default=VECTORS)
    covered.add_argument("--json", action="store_true", help="print JSON")
    covered.set_defaults(run=_coverage)
    schema = actions.add_parser("schema", help="print the JSON Schema of the rulebook or of an agreement")
    schema.add_argument("--agreement", action="store_true", help="that of an agreement")
    schema.set_defaults(run=_schema)
    _add_compare(actions.add_parser("compare", help="decide past exchanges under two rulebooks"))
    for each in (check, proof, covered):
        each.add_argument("folder", nargs="?", type=Path, default=RULEBOOK)


def _add_compare(compare: Any) -> None:
    compare.add_argument("old", type=Path, help="folder of the rulebook that decided")
    compare.add_argument("new", type=Path, help="folder of the one to compare with")
    compare.add_argument("--abstracts", type=Path, nargs="*", default=[], metavar="FILE.jsonl")
    compare.add_argument("--cases", type=Path, nargs="*", default=[], metavar="CASE.yaml")
    compare.add_argument("--keep", type=Path, metavar="FILE.jsonl", help="write the cases' abstracts there")
    compare.add_argument("--agreements", type=Path, default=DEPLOY / "agreements")
    compare.add_argument("--directory", type=Path, default=DEPLOY / "directory" / "organisations.yaml")
    compare.set_defaults(run=compare_folders)


def _check(options: argparse.Namespace) -> int:
    book = read_rulebook(options.folder)
    print(f"rulebook {book.version}: {len(book.rules)} rules, {len(book.needs)} needs, no faults")
    return 0


def _coverage(options: argparse.Namespace) -> int:
    coverage = assess(read_sources(options.folder, options.vectors))
    print(json.dumps(as_json(coverage), indent=2, ensure_ascii=False) if options.json else as_text(coverage))
    return 1 if coverage.faults else 0


def _schema(options: argparse.Namespace) -> int:
    schema = agreement_schema() if options.agreement else rulebook_schema()
    print(json.dumps(schema, indent=2, ensure_ascii=False))
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
