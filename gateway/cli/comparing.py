"""`ppg rulebook compare`: past exchanges, from kept abstracts or from cases, under two rulebooks."""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from gateway.adapters.files import read_agreements, read_directory, read_rulebook
from gateway.core.abstracts import Abstract, abstract_of, truths_of
from gateway.core.cases import read_case
from gateway.core.directory import index_directory
from gateway.core.errors import CaseFileError
from gateway.core.replay import Verdict, compare_rulebooks
from gateway.core.world import World


@dataclass(frozen=True, slots=True)
class _Item:
    """An abstract and the two worlds to decide it in."""

    abstract: Abstract
    old: World
    new: World


def compare_folders(options: argparse.Namespace) -> int:
    """Prints what each exchange would come to.

    Returns:
        0 if nothing changes, 1 if something does or cannot be told.
    """
    directory = index_directory(read_directory(options.directory))
    old = World(directory, read_agreements(options.agreements), read_rulebook(options.old))
    new = replace(old, rulebook=read_rulebook(options.new))
    items = [*_kept(options.abstracts, old, new), *_cases(options.cases, old, new)]
    if options.keep:
        _keep(options.keep, items[len(items) - len(options.cases) :])
    print(f"{old.rulebook.version} to {new.rulebook.version}")
    return _report(items)


def _report(items: list[_Item]) -> int:
    counts: Counter[Verdict] = Counter()
    for item in items:
        found = compare_rulebooks(item.abstract, item.old, item.new)
        counts[found.verdict] += 1
        if found.verdict is not Verdict.SAME:
            print("\n  ".join([f"{found.exchange}: {found.verdict}", *found.differences]))
    print(", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict))
    return 0 if counts[Verdict.SAME] == len(items) else 1


def _kept(files: list[Path], old: World, new: World) -> Iterator[_Item]:
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                yield _Item(_read(file, number, line), old, new)


def _read(file: Path, number: int, line: str) -> Abstract:
    try:
        return Abstract.model_validate_json(line)
    except ValidationError as fault:
        place = ".".join(map(str, fault.errors()[0]["loc"]))
        raise CaseFileError(file.name, number, "", f"{place}: no abstract has this form") from None


def _cases(files: list[Path], old: World, new: World) -> Iterator[_Item]:
    """Cases hold their values, so the truth of new conditions is known too."""
    for file in files:
        read = read_case(str(file), file.read_text(encoding="utf-8"), old)
        after = replace(read.world, rulebook=new.rulebook)
        abstract = abstract_of(read.case, read.world)
        truths = truths_of(read.case, after)
        both = {name: {**abstract.truths.get(name, {}), **some} for name, some in truths.items()}
        yield _Item(abstract.model_copy(update={"truths": both}), read.world, after)


def _keep(file: Path, items: list[_Item]) -> None:
    lines = (item.abstract.model_dump_json() + "\n" for item in items)
    file.write_text("".join(lines), encoding="utf-8")
