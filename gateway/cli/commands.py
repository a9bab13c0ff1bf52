"""`ppg`: the command line for rules, agreements, cases, keys, evidence; offline but for doctor and export."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from gateway.adapters.files import RULEBOOK, read_agreements, read_directory, read_rulebook
from gateway.cli import agreements
from gateway.cli.doctor import add_doctor
from gateway.cli.evaluation import evaluate
from gateway.cli.exporting import add_log_export
from gateway.cli.figures import add_figures
from gateway.cli.keys import add_keys
from gateway.cli.masking import add_mask
from gateway.cli.ropa import add_ropa
from gateway.cli.rulebook import add_actions
from gateway.cli.schema import describe
from gateway.cli.verifying import add_log_verify, add_verify
from gateway.core.directory import index_directory
from gateway.core.errors import DataError
from gateway.core.world import World
from gateway.settings import SettingsError

DEPLOY: Final = Path(__file__).resolve().parent.parent.parent / "deploy"
AGREED, DIFFERS, FAULTY = 0, 1, 2
"""Exit statuses: all well; a case differs from what it expects; something could not be read."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Returns:
        0 if all is well, 1 if a case differs from what it expects, 2 if something could not be read.
    """
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (DataError, SettingsError, OSError) as fault:
        print(f"ppg: {fault}", file=sys.stderr)
        return FAULTY


def read_world(options: argparse.Namespace) -> World:
    """The world of the folders named on the command line."""
    directory, book = index_directory(read_directory(options.directory)), read_rulebook(options.rulebook)
    return World(directory, read_agreements(options.agreements, book, directory), book)


def _evaluate(options: argparse.Namespace) -> int:
    return evaluate(options.cases, read_world(options), as_json=options.json)


def _schema(options: argparse.Namespace) -> int:
    described = describe(read_world(options))
    _print_json(described) if options.json else _print_outline(described)
    return AGREED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ppg", description="Rules, agreements, cases, evidence.")
    commands = parser.add_subparsers(required=True, metavar="command")
    cases = commands.add_parser("evaluate", help="decide cases offline and compare with what they expect")
    cases.add_argument("cases", nargs="+", type=Path, metavar="CASE.yaml")
    schema = commands.add_parser(
        "schema", help="documents, facts, purposes, bases, kinds, rules: to write a case"
    )
    for each, run in ((cases, _evaluate), (schema, _schema)):
        each.add_argument("--json", action="store_true", help="print JSON")
        _add_world(each)
        each.set_defaults(run=run)
    rulebook = commands.add_parser("rulebook", help="look after the rulebook")
    add_actions(rulebook.add_subparsers(required=True, metavar="action"))
    agreement = commands.add_parser("agreement", help="look after agreements")
    agreements.add_actions(agreement.add_subparsers(required=True, metavar="action"))
    add_mask(commands)
    add_figures(commands)
    add_keys(commands)
    add_doctor(commands)
    add_ropa(commands)
    add_verify(commands)
    log = commands.add_parser("log", help="look after the disclosure log")
    actions = log.add_subparsers(required=True, metavar="action")
    add_log_export(actions)
    add_log_verify(actions)
    return parser


def _add_world(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--agreements", type=Path, default=DEPLOY / "agreements")
    parser.add_argument("--rulebook", type=Path, default=RULEBOOK)
    parser.add_argument("--directory", type=Path, default=DEPLOY / "directory" / "organisations.yaml")


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _print_outline(described: dict[str, Any]) -> None:
    for heading, content in described.items():
        names = ", ".join(content if isinstance(content, dict) else map(str, content))
        print(f"{heading}: {names if not isinstance(content, str) else content}")
