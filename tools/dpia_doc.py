"""`docs/dpia.md`: its tables are read off the contract's annotations, the agreements and the rulebook.

python -m tools.dpia_doc          bring the tables up to date
python -m tools.dpia_doc check    fail if they are not
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Final

from gateway.adapters.files import read_agreements, read_directory, read_rulebook
from gateway.core.categories import LeafKind, leaf_kinds
from gateway.core.directory import index_directory
from gateway.core.documents import descriptor_of, document_class, options_of, shareable_documents
from gateway.core.errors import DataError
from gateway.core.processing.activities import DISCLOSES, Activity, about_of, describe_class, list_activities
from gateway.core.rulebook_model import Rule
from gateway.core.wording.words import scope, word, words
from gateway.core.world import World
from tools.commands import CommandError
from tools.paths import ROOT
from tools.tables import fill_tables, rows_of

PAGE: Final = ROOT / "docs" / "dpia.md"


class Tables:
    """The tables over one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._activities = list_activities(world)

    def makers(self) -> dict[str, Callable[[], Iterator[str]]]:
        """For each name what makes its lines."""
        return {
            "documents": self.documents,
            "people": self.people,
            "flows": self.flows,
            "prohibitions": self.prohibitions,
            "judgements": self.judgements,
            "retention": self.retention,
        }

    def documents(self) -> Iterator[str]:
        """Every document with what it may carry."""
        yield from rows_of(
            ("document", "paragraphs", "leaves", "sensitive", "criminal", "free text", "whose data"),
            map(_document, shareable_documents()),
        )

    def people(self) -> Iterator[str]:
        """Whose data, of which kinds, in how many documents."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for name in shareable_documents():
            for kind in _kinds(name):
                about = about_of(kind.category)
                found[about][kind.category.removeprefix(f"{about}_")].add(name)
        rows = (
            (word(about), words(sorted(kinds)), str(len(set[str]().union(*kinds.values()))))
            for about, kinds in sorted(found.items())
        )
        yield from rows_of(("whose", "kinds of data", "documents"), rows)

    def flows(self) -> Iterator[str]:
        """Every agreed flow, clause by clause, seen from those who disclose."""
        by_clause: dict[tuple[str, str], list[Activity]] = defaultdict(list)
        for each in self._activities:
            if each.direction == DISCLOSES:
                by_clause[each.agreement, each.clause].append(each)
        heads = ("clause", "from", "to", "documents", "purposes", "categories", "regimes")
        yield from rows_of(heads, (_flow(some) for some in by_clause.values()))

    def prohibitions(self) -> Iterator[str]:
        """What no agreement and no fact lets through; each is proved for every document and recipient."""
        rules = (each.rule for each in self._world.rulebook.rules if each.rule.prohibition)
        yield from rows_of(("rule", "paragraph", "removes", "where"), map(_prohibition, rules))

    def judgements(self) -> Iterator[str]:
        """What waits for a person's judgement."""
        rows = (
            (each.id, each.title, words(grantor.organisation for grantor in each.granted_by), each.paragraph)
            for _, each in sorted(self._world.rulebook.prerequisites.items())
        )
        yield from rows_of(("prerequisite", "what must be decided", "by whom", "paragraph"), rows)

    def retention(self) -> Iterator[str]:
        """How long records are kept."""
        rows = (
            (each.id, describe_class(each), "the guidance" if each.authority == "TEXT" else "policy")
            for each in self._world.rulebook.retention.classes
        )
        yield from rows_of(("class", "how long", "on whose authority"), rows)


def compose(text: str) -> str:
    """The page with its tables as they should be. DataError on a fault in what they are read from."""
    directory = index_directory(read_directory(ROOT / "deploy" / "directory" / "organisations.yaml"))
    book = read_rulebook()
    agreements = read_agreements(ROOT / "deploy" / "agreements", book, directory)
    return fill_tables(text, Tables(World(directory, agreements, book)).makers(), "docs/dpia.md")


def write() -> str:
    """Brings the page up to date; returns what it did."""
    PAGE.write_text(compose(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return "wrote docs/dpia.md"


def check() -> str:
    """Raises `CommandError` if the committed page is not what contract, agreements and rulebook say today."""
    text = PAGE.read_text(encoding="utf-8")
    if text != compose(text):
        raise CommandError("docs/dpia.md is out of date: run `make rules-doc` and commit it")
    return "the impact assessment's tables say what contract, agreements and rulebook say"


def main(arguments: list[str]) -> int:
    """Writes or checks; returns the exit status."""
    try:
        print(check() if arguments == ["check"] else write())
    except (CommandError, DataError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _kinds(name: str) -> Iterator[LeafKind]:
    return (kind for _, kind in leaf_kinds(descriptor_of(document_class(name))))


def _document(name: str) -> tuple[str, ...]:
    kinds = list(_kinds(name))
    return (
        name,
        ", ".join(options_of(descriptor_of(document_class(name))).paragraphs),
        str(len(kinds)),
        str(sum(kind.special for kind in kinds)),
        str(sum(kind.criminal for kind in kinds)),
        str(sum(kind.free_text for kind in kinds)),
        words(sorted({about_of(kind.category) for kind in kinds})),
    )


def _flow(some: list[Activity]) -> tuple[str, ...]:
    first = some[0]
    return (
        f"{first.agreement} {first.clause}",
        ", ".join(each.organisation for each in some),
        ", ".join(sorted({other for each in some for other in each.others})),
        ", ".join(sorted({name for each in some for name in each.documents})),
        words(first.purposes),
        words(sorted({name for each in some for name in each.categories})),
        words(each.regime for each in first.grounds),
    )


def _prohibition(rule: Rule) -> tuple[str, ...]:
    kept = rule.permit_only
    removes = words(rule.withhold) if kept is None else f"everything but {words(kept) or 'nothing'}"
    return rule.id, rule.paragraph, removes, scope(rule.applies)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
