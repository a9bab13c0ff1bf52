"""The tables of `docs/rules.md`: checks, needs, bases, prerequisites, contradictions, agreements."""

from collections.abc import Iterable, Iterator

from gateway.core.agreements import Agreement, Clause, End
from gateway.core.gate_model import Gate
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Basis, Need
from gateway.core.vocabulary import WHOLE
from gateway.core.wording.prerequisites import DECLINED, asked_of, in_working_days
from gateway.core.wording.words import scope, told, word, words


def compose_tables(book: Rulebook, agreements: Iterable[Agreement]) -> Iterator[str]:
    """The sections after the rules."""
    yield from _checks(book)
    yield from _releases(book)
    yield from _needs(book)
    yield from _bases(book)
    yield from _protective(book)
    yield from _prerequisites(book)
    yield from _contradictions(book)
    yield from _agreements(agreements)


def _table(title: str, text: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield text
    yield ""
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield f"| {' | '.join(' '.join(cell.split()).replace('|', '/') for cell in row)} |"
    yield ""


def _checks(book: Rulebook) -> Iterator[str]:
    gates: list[Gate] = [gate for _, gate in book.gates]
    rows = (
        (
            each.id,
            each.reason,
            each.paragraph,
            each.instead.explanation if each.instead else "",
            told(each.tell),
        )
        for each in sorted(gates, key=lambda gate: gate.id)
    )
    text = "Built into the steps of every decision; only their wording is data."
    yield from _table("Built-in checks", text, ("check", "reason", "paragraph", "instead", "told"), rows)


def _releases(book: Rulebook) -> Iterator[str]:
    rows = (
        (
            word(each.release_kind),
            each.paragraph,
            f"Applies {scope(each.applies)}"
            + (f"; standing {words(each.standings)}" if each.standings else ""),
            words(each.permits) or "as agreed",
        )
        for each in book.releases
    )
    text = "Which release kind carries which documents to whom, and what goes without an agreement."
    yield from _table("Release kinds", text, ("release", "paragraph", "where", "may go"), rows)


def _needs(book: Rulebook) -> Iterator[str]:
    text = "What a purpose needs of a document. What is not needed does not go, whatever is agreed."
    heads = ("documents", "purposes", "from", "to", "categories", "paragraph")
    yield from _table("Needs", text, heads, map(_need, book.needs))


def _need(each: Need) -> tuple[str, ...]:
    forms = (word(name) + ("" if form == WHOLE else f" by {form}") for name, form in each.categories.items())
    return (
        ", ".join(each.documents) or "any",
        words(each.purposes),
        words(each.senders) or "any",
        words(each.recipients) or "any",
        ", ".join(forms),
        each.paragraph,
    )


def _bases(book: Rulebook) -> Iterator[str]:
    rows = (_basis(row) for _, some in sorted(book.bases.items()) for row in some)
    text = "Between whom, for what, and on which fact each lawful basis can be relied upon."
    heads = ("basis", "paragraph", "between", "purposes", "needs the fact", "regime at both ends")
    yield from _table("Lawful bases", text, heads, rows)
    rows = (
        (word(each.condition), each.paragraph, words(each.regimes), words(each.purposes) or "any")
        for each in book.conditions.values()
    )
    text = "Sensitive data go only with a condition of each end's regime."
    yield from _table(
        "Conditions for sensitive data", text, ("condition", "paragraph", "regimes", "for"), rows
    )


def _basis(each: Basis) -> tuple[str, ...]:
    ends = [
        f"a side that is {words(each.standings)}" if each.standings else "",
        f"from {words(each.senders)}" if each.senders else "",
        f"to {words(each.recipients)}" if each.recipients else "",
        f"if {words(each.urgency)}" if each.urgency else "",
    ]
    return (
        word(each.basis),
        each.paragraph,
        "; ".join(end for end in ends if end) or "anybody",
        words(each.purposes),
        word(each.requires_fact) if each.requires_fact else "",
        word(each.regime) if each.regime else "each end's own",
    )


def _protective(book: Rulebook) -> Iterator[str]:
    rows: Iterable[tuple[str, ...]] = (
        (word(each.category), each.reason, each.paragraph) for each in book.protective.values()
    )
    text = "Never withheld in silence: where nothing permits them they are held, and somebody is told."
    yield from _table("Protective categories", text, ("category", "why", "paragraph"), rows)
    rows = (
        (each.document, words(each.categories), each.paragraph) for _, each in sorted(book.minimum.items())
    )
    text = "What may go without an agreement to keep a child safe, or where it cannot wait."
    yield from _table("Minimum sets", text, ("document", "categories", "paragraph"), rows)


def _prerequisites(book: Rulebook) -> Iterator[str]:
    text = (
        "What holds wait for. The first organisation listed that exists and may say so is asked. A hold that "
        "nobody answers is escalated, and later ends as if declined."
    )
    heads = (
        "prerequisite",
        "fact",
        "asked: who, on what evidence",
        "escalated after",
        "ends after",
        "if declined",
        "paragraph",
    )
    rows = (_prerequisite(each) for _, each in sorted(book.prerequisites.items()))
    yield from _table("Prerequisites", text, heads, rows)


def _prerequisite(each: Prerequisite) -> tuple[str, ...]:
    asked = "; ".join(asked_of(grantor) for grantor in each.granted_by)
    apart = f"; another agency and person than {words(each.apart_from)}" if each.apart_from else ""
    to = f"{word(each.escalates_to.organisation)}: {word(each.escalates_to.role)}"
    return (
        f"{each.id}: {each.title}",
        word(each.fact),
        asked + apart,
        f"{in_working_days(each.escalates_after_working_days)}, to {to}",
        "never"
        if each.expires_after_working_days is None
        else in_working_days(each.expires_after_working_days),
        DECLINED[each.when_no],
        each.paragraph,
    )


def _contradictions(book: Rulebook) -> Iterator[str]:
    rows = (
        (each.id, each.conflict, f"{each.choice}: {each.options[each.choice]}", each.reason)
        for _, each in sorted(book.contradictions.items())
    )
    text = (
        "Where the guidance contradicts itself: what was chosen, and why. Another choice is a change of data."
    )
    yield from _table("Contradictions", text, ("id", "conflict", "chosen", "why"), rows)


def _agreements(agreements: Iterable[Agreement]) -> Iterator[str]:
    yield "## Agreements"
    yield ""
    for each in agreements:
        parties = ", ".join(f"{party.organisation} ({word(party.status)})" for party in each.parties)
        yield f"### {each.title}"
        yield ""
        yield f"`{each.id}` version {each.version}, {word(each.state)}, from {each.starts} to {each.expiry}, "
        yield f"reviewed by {each.review}; owner {each.owner}; up to {word(each.marking_ceiling)}."
        yield f"Parties: {parties}."
        yield ""
        yield from ("| clause | documents | purposes | categories |", "|---|---|---|---|")
        yield from (_clause(clause) for clause in each.clauses)
        yield ""


def _clause(each: Clause) -> str:
    ends = f"{each.id}, {each.paragraph}: from {_end(each.from_)} to {_end(each.to)}"
    forms = (
        word(name) + (f" by {each.generalise[name]}" if name in each.generalise else "")
        for name in each.categories
    )
    return f"| {ends} | {', '.join(each.documents)} | {words(each.purposes)} | {', '.join(forms)} |"


def _end(end: End) -> str:
    who = ", ".join([*(word(kind) for kind in end.kinds), *end.organisations]) or "any party"
    return f"{who} ({', '.join(end.desks)})" if end.desks else who
