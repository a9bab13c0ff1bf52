"""`ppg ropa`: the record of processing activities, of one controller or of all; nobody keeps it by hand."""

import argparse
import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from gateway.adapters.files import RULEBOOK, read_agreements, read_directory, read_rulebook
from gateway.core.directory import DirectoryIndex, index_directory
from gateway.core.processing.activities import Activity, Ground, list_activities
from gateway.core.processing.record import Heading, headings_of
from gateway.core.world import World

DEPLOY: Final = RULEBOOK.parent.parent / "deploy"
UNKNOWN: Final = 2


def add_ropa(commands: Any) -> None:
    """Adds the command to the command line."""
    parser = commands.add_parser(
        "ropa",
        help="record of processing (DPA 2018 s.61, UK GDPR Article 30), from contract, agreements, rules",
    )
    parser.add_argument("--organisation", default="", help="of one organisation; all if not given")
    parser.add_argument("--format", choices=sorted(_FORMS), default="markdown", dest="form")
    parser.add_argument("--agreements", type=Path, default=DEPLOY / "agreements")
    parser.add_argument("--rulebook", type=Path, default=RULEBOOK)
    parser.add_argument("--directory", type=Path, default=DEPLOY / "directory" / "organisations.yaml")
    parser.set_defaults(run=_ropa)


def _ropa(options: argparse.Namespace) -> int:
    directory, book = index_directory(read_directory(options.directory)), read_rulebook(options.rulebook)
    world = World(directory, read_agreements(options.agreements, book, directory), book)
    if options.organisation and directory.organisation(options.organisation) is None:
        print(f"ppg: {options.organisation} is not in the directory: name one that is", file=sys.stderr)
        return UNKNOWN
    _FORMS[options.form](directory, list_activities(world, options.organisation))
    return 0


def _print_json(directory: DirectoryIndex, activities: Iterable[Activity]) -> None:
    found = tuple(activities)
    content = {
        "controllers": [asdict(each) for each in headings_of(directory, found)],
        "activities": [asdict(each) for each in found],
    }
    print(json.dumps(content, indent=2, ensure_ascii=False))


def _print_csv(directory: DirectoryIndex, activities: Iterable[Activity]) -> None:
    found = tuple(activities)
    named = {each.organisation: each for each in headings_of(directory, found)}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for position, activity in enumerate(found):
        rows = {"name": named[activity.organisation].name, **asdict(activity)}
        rows["grounds"] = [_ground(each) for each in activity.grounds]
        if position == 0:
            writer.writerow(rows)
        writer.writerow(_cell(value) for value in rows.values())


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _print_markdown(directory: DirectoryIndex, activities: Iterable[Activity]) -> None:
    found = tuple(activities)
    print("\n".join(_compose(headings_of(directory, found), found)))


def _compose(headings: Iterable[Heading], activities: tuple[Activity, ...]) -> Iterator[str]:
    yield "# Record of processing activities"
    yield ""
    yield "Drawn by `ppg ropa` from the contract's annotations, the agreements and the rulebook of today."
    for heading in headings:
        yield ""
        yield f"## {heading.name}"
        yield ""
        yield f"- `{heading.organisation}`, {_plain(heading.kind)}, area {heading.area}"
        yield f"- Contact: {'; '.join(heading.contacts) or 'no desk in the directory'}"
        yield f"- Transfers abroad: {heading.transfers}"
        yield f"- Automated decisions and profiling: {heading.profiling}"
        for each in activities:
            if each.organisation == heading.organisation:
                yield ""
                yield from _section(each)


def _section(each: Activity) -> Iterator[str]:
    yield f"### {each.direction.capitalize()} under {each.agreement} {each.clause}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    for title, value in _rows(each):
        yield f"| {title} | {' '.join(value.split()).replace('|', '/')} |"


def _rows(each: Activity) -> Iterator[tuple[str, str]]:
    other = "to" if each.direction == "DISCLOSES" else "from"
    yield "clause", f"{each.paragraph}; the agreement is {_plain(each.state)}"
    yield "acts as", _plain(each.status)
    yield "purposes", ", ".join(map(_plain, each.purposes))
    yield "documents", ", ".join(each.documents)
    yield other, ", ".join(each.others)
    yield "whose data", ", ".join(map(_plain, each.subjects))
    yield "categories", ", ".join(map(_plain, each.categories))
    marks = {
        "sensitive processing or special categories": each.is_special,
        "offences, convictions or allegations": each.is_criminal,
        "free text, masked by the gateway": each.has_free_text,
    }
    yield "of which", ", ".join(name for name, there in marks.items() if there) or "none is sensitive"
    for ground in each.grounds:
        yield f"ground, {_plain(ground.regime)}", _ground(ground)
    yield "appropriate policy document", each.policy_document or "none stated in the agreement"
    yield "kept", "; ".join(each.retention)
    yield "security", " ".join(each.security)


def _ground(ground: Ground) -> str:
    conditions = f"; conditions {', '.join(ground.conditions)}" if ground.conditions else ""
    return f"{ground.processing}; {', '.join(ground.bases)}{conditions}"


def _plain(name: str) -> str:
    return name.lower().replace("_", " ")


_FORMS: Final[dict[str, Callable[[DirectoryIndex, Iterable[Activity]], None]]] = {
    "markdown": _print_markdown,
    "json": _print_json,
    "csv": _print_csv,
}
