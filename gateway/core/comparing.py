"""Compares a decision with what a case expects of it; says each difference in one line."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.core.cases import Expected, ReadCase
from gateway.core.categories import category_of
from gateway.core.clocks import started_clocks
from gateway.core.deadlines.expecting import clocks_of
from gateway.core.documents import descriptor_of
from gateway.core.model import Case, Ruling
from gateway.core.world import World
from services.kit.calendar import Calendar
from services.kit.evidence.errors import LeafError
from services.kit.evidence.paths import covers, label_path


def compare(read: ReadCase, rulings: Sequence[Ruling], calendar: Calendar) -> list[str]:
    """Every difference between what a case expects and what was decided; empty if they agree."""
    decided = {str(ruling.recipient): ruling for ruling in rulings}
    found: list[str] = []
    for name, expected in read.expect.items():
        ruling = decided.get(name)
        if ruling is None:
            found.append(f"{name}: the exchange has no such recipient; it has {_listed(decided)}")
        else:
            limits = clocks_of(read.case, rulings, ruling, read.world, calendar)
            differences = [*_differences(read, expected, ruling), *_clocks(read, expected, ruling, limits)]
            found.extend(f"{name}: {difference}" for difference in differences)
    return found


def _differences(read: ReadCase, expected: Expected, ruling: Ruling) -> Iterator[str]:
    case = read.case
    if expected.outcome is not None and expected.outcome != ruling.outcome:
        reason = f" ({ruling.reason.rule}: {ruling.reason.reason})" if ruling.reason else ""
        yield f"outcome is {ruling.outcome}{reason}, expected {expected.outcome}"
    if expected.withheld is not None:
        yield from _items(case, "withheld", expected.withheld, [each.path for each in ruling.withheld])
    if expected.held is not None:
        yield from _items(case, "held", expected.held, [path for each in ruling.held for path in each.paths])
    yield from _rules(expected, {each.rule for each in ruling.rules})
    yield from _unknown(expected, read.world)
    yield from _set("flags", expected.flags, ruling.flags)
    yield from _instead(expected, ruling)


def _clocks(read: ReadCase, expected: Expected, ruling: Ruling, limits: Mapping[str, str]) -> Iterator[str]:
    named = limits.keys() & set(expected.clocks or ())
    yield from _set(
        "clocks", expected.clocks, {each.id for each in started_clocks(ruling, read.world.rulebook)} | named
    )
    if expected.due is not None and expected.due != limits:
        yield f"due is {_listed(_pairs(limits))}, expected {_listed(_pairs(expected.due))}"


def _pairs(due: Mapping[str, str]) -> list[str]:
    return [f"{limit}: {when}" for limit, when in due.items()]


def _rules(expected: Expected, fired: set[str]) -> Iterator[str]:
    if set(expected.rules or ()) - fired:
        yield f"rules {_listed(set(expected.rules or ()) - fired)} did not fire; {_listed(fired)} did"
    if fired.intersection(expected.not_rules or ()):
        yield f"rules {_listed(fired.intersection(expected.not_rules or ()))} fired, and must not"


def _unknown(expected: Expected, world: World) -> Iterator[str]:
    """A rule that does not exist never fires: naming it under `not_rules` by mistake would always agree."""
    book = world.rulebook
    known = {each.rule.id for each in book.rules} | {gate.id for gate in dict(book.gates).values()}
    known |= {f"{each.id}/{clause.id}" for each in world.agreements for clause in each.clauses}
    if unknown := set(expected.not_rules or ()) - known - {book.freetext.masked.id}:
        yield f"not_rules names {_listed(unknown)}, and there is no such rule in force"


def _set(what: str, expected: Iterable[str] | None, actual: Iterable[str]) -> Iterator[str]:
    found = set(actual)
    if expected is not None and set(expected) != found:
        yield f"{what} are {_listed(found)}, expected {_listed(expected)}"


def _items(case: Case, what: str, expected: Iterable[str], actual: list[str]) -> Iterator[str]:
    """Each leaf must be named, by its category or by a path above it, and each name must name a leaf."""
    descriptor = descriptor_of(case.document)
    names = {name: _labelled(name, case) for name in expected}
    for path in actual:
        category = category_of(descriptor, path)
        if not any(covers(prefix, path) or name == category for name, prefix in names.items()):
            yield f"{what} has {category} ({path}), not expected"
    for name, prefix in names.items():
        if not any(covers(prefix, path) or name == category_of(descriptor, path) for path in actual):
            yield f"{what} lacks {name}"


def _instead(expected: Expected, ruling: Ruling) -> Iterator[str]:
    if expected.instead is None:
        return
    actual = ruling.instead
    given = {"document_type": actual.document_type, "workflow": actual.workflow} if actual else {}
    if isinstance(expected.instead, str):
        agrees = expected.instead in given.values()
    else:
        agrees = expected.instead.items() <= given.items()
    if not agrees:
        yield f"instead is {_listed(given.values())}, expected {expected.instead}"


def _labelled(name: str, case: Case) -> str:
    """A path as the seal writes it; a category, or a path that fits nothing, as it stands."""
    path = name if name.startswith("document.") or name.isupper() else f"document.{name}"
    try:
        return label_path(path, case.leaves)
    except LeafError:
        return path


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"
