"""`make check`: each step prints its name and result; the first that fails stops it, with its output."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tools import proto
from tools.commands import CommandError, run
from tools.paths import ROOT

FOLDERS = ("gateway", "services", "deploy", "examples", "tests", "tools")


@dataclass(frozen=True)
class Step:
    """One thing that is checked; `action` raises `CommandError` with what is wrong."""

    name: str
    action: Callable[[], str]


def list_steps() -> list[Step]:
    """The steps in order: the quick ones first."""
    folders = [folder for folder in FOLDERS if (ROOT / folder).is_dir()]
    return [
        Step("format", lambda: run("ruff", "format", "--check", *folders)),
        Step("lint", lambda: run("ruff", "check", *folders)),
        Step("import contracts", lambda: run("lint-imports", "--no-cache")),
        Step("proto lint", proto.lint),
        Step("stub drift", proto.check_drift),
        Step("privacy lint", lambda: run("python", "-m", "tools.privacy_lint")),
        Step("catalogue", lambda: run("python", "-m", "tools.catalogue", "check")),
        Step("rules", lambda: run("python", "-m", "tools.rules_doc", "check")),
        Step("impact assessment", lambda: run("python", "-m", "tools.dpia_doc", "check")),
        Step("records", lambda: run("python", "-m", "tools.records_doc", "check")),
        Step("guide", lambda: run("python", "-m", "tools.guide", "check")),
        Step("types", lambda: run("mypy", *folders)),
    ]


def main() -> int:
    """Runs the steps; returns 1 at the first that fails."""
    return 0 if all(_passes(step) for step in list_steps()) else 1


def _passes(step: Step) -> bool:
    start = time.monotonic()
    try:
        step.action()
    except CommandError as error:
        print(f"{step.name:<18} failed\n\n{error}", flush=True)
        return False
    print(f"{step.name:<18} passed  {time.monotonic() - start:5.1f} s", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
