"""Measures and prints tables; writes build/bench.json. `python -m tests.bench [--long] [--only PART]`."""

import argparse
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from services.kit.logs import configure_logs
from tests.bench import decision, hiding, log, pages, pieces, report
from tests.bench.system import Budget, measure_system

_ROOT: Final = Path(__file__).resolve().parents[2]
_PARTS: Final = ("decision", "pieces", "hiding", "log", "system", "pages")
_TEN_MINUTES_S: Final = 600.0


def main() -> int:
    """Runs what was asked for; 0 if it could be measured, whatever came of it."""
    asked = _arguments()
    configure_logs(role="bench", organisation="gateway", level=logging.WARNING)
    results: dict[str, Any] = {"machine": report.describe_machine()}
    _say(f"{key}: {value}" for key, value in results["machine"].items())
    for part in asked.only or _PARTS:
        results[part] = _MEASURES[part](asked)
    out: Path = asked.out
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    _say(["", f"written to {out}"])
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--long", action="store_true", help="ten minutes at --rate instead of the ramp, ten million records"
    )
    parser.add_argument("--rate", type=float, default=250, help="exchanges a second of --long")
    parser.add_argument("--only", action="append", choices=_PARTS, help="this part; may be repeated")
    parser.add_argument("--out", type=Path, default=_ROOT / "build" / "bench.json")
    return parser.parse_args()


def _decision(_asked: argparse.Namespace) -> dict[str, Any]:
    whole, steps = decision.measure_decision()
    _say(report.tell_times("decision of 60 leaves without free text", {"in all": whole}))
    _say(report.tell_split("its steps, each without the others it calls; watching costs too", "us", steps))
    return {"whole": asdict(whole), "steps_us": steps}


def _pieces(_asked: argparse.Namespace) -> dict[str, Any]:
    times = pieces.measure_pieces()
    _say(report.tell_times("pieces, 60 leaves with a narrative of 2,000 letters", times))
    return {name: asdict(each) for name, each in times.items()}


def _hiding(_asked: argparse.Namespace) -> dict[str, Any]:
    found = hiding.measure_hiding()
    _say(report.tell_hiding(found))
    return {name: asdict(each) for name, each in found.items()}


def _system(asked: argparse.Namespace) -> dict[str, Any]:
    sustained = Budget(sustained=_TEN_MINUTES_S, sustained_rate=asked.rate)
    found = measure_system(sustained if asked.long else Budget())
    _say(report.tell_system(found))
    return found.as_json()


def _log(asked: argparse.Namespace) -> dict[str, Any]:
    found = log.measure_log(
        log.LONG if asked.long else log.SHORT, lambda so_far: _say(report.tell_log(so_far))
    )
    _say(report.tell_log(found))
    return found.as_json()


def _pages(asked: argparse.Namespace) -> dict[str, Any]:
    size = pages.SIZE if asked.long or asked.only else pages.SMALL
    found = pages.measure_pages(size, lambda so_far: _say(pages.tell_pages(so_far)))
    _say(pages.tell_pages(found))
    return found.as_json()


_MEASURES: Final = {
    "decision": _decision,
    "pieces": _pieces,
    "hiding": _hiding,
    "log": _log,
    "system": _system,
    "pages": _pages,
}


def _say(lines: Any) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
