"""`ppg agreement check`, offline: what files say, on which grounds, and the digest that is cited."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from gateway.adapters.files import RULEBOOK, read_agreements, read_directory, read_rulebook
from gateway.cli.agreement_calls import add_calls
from gateway.core.agreement_state import PartyState
from gateway.core.agreements import Agreement, digest_of
from gateway.core.directory import index_directory

DEPLOY: Final = RULEBOOK.parent.parent / "deploy"


def add_actions(actions: Any) -> None:
    """Adds the actions to the command line."""
    check = actions.add_parser("check", help="read all files and report the first fault")
    check.add_argument("folder", nargs="?", type=Path, default=DEPLOY / "agreements")
    check.add_argument("--rulebook", type=Path, default=RULEBOOK)
    check.add_argument("--directory", type=Path, default=DEPLOY / "directory" / "organisations.yaml")
    check.set_defaults(run=_check)
    add_calls(actions)


def _check(options: argparse.Namespace) -> int:
    directory = index_directory(read_directory(options.directory))
    for each in read_agreements(options.folder, read_rulebook(options.rulebook), directory):
        print("\n  ".join(_describe(each)))
    return 0


def _describe(agreement: Agreement) -> Iterator[str]:
    clauses, parties = len(agreement.clauses), len(agreement.parties)
    what = f"{parties} parties, {clauses} {'clause' if clauses == 1 else 'clauses'}, no faults"
    yield f"{agreement.id} version {agreement.version}: {agreement.state}, {what}"
    yield f"digest sha256:{digest_of(agreement)}"
    dates = f"{agreement.starts} to {agreement.expiry}, review {agreement.review}"
    yield f"{dates}, up to {agreement.marking_ceiling}, signed by {len(agreement.signatures)}"
    for each in agreement.lawful_bases:
        yield f"{each.regime}: {', '.join(each.bases)}"
    for party in agreement.parties:
        if agreement.state_towards(party.organisation) is PartyState.SUSPENDED:
            yield f"SUSPENDED: {party.organisation}"
