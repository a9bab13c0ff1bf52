"""Entries of the rulebook's tables: bases, needs, protective categories, contradictions, breach law."""

from collections.abc import Iterator
from itertools import groupby

from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Basis, Need
from gateway.core.vocabulary import WHOLE
from gateway.core.wording.texts import Details, Entry, EntryKind, said
from gateway.core.wording.words import sentence, word, words

ANY_DOCUMENT = "any"
"""Ends the id of what any document is needed for."""


def read_tables(book: Rulebook) -> Iterator[Entry]:
    """The entries."""
    yield from _bases(book)
    yield from _needs(book)
    yield from _protective(book)
    yield from _contradictions(book)
    yield from _breaches(book)


def _bases(book: Rulebook) -> Iterator[Entry]:
    for name, rows in sorted(book.bases.items()):
        paragraphs = "; ".join(dict.fromkeys(row.paragraph for row in rows))
        details = tuple(pair for row in rows for pair in _basis(row))
        waits = tuple(dict.fromkeys(row.prerequisite for row in rows if row.prerequisite))
        statement = f"{sentence(name)}: a lawful basis."
        yield Entry(EntryKind.LAWFUL_BASIS, name, statement, paragraphs, details=details, names=waits)


def _basis(row: Basis) -> Details:
    ends = (
        f"sides that are {words(row.standings)}" if row.standings else "",
        f"from {words(row.senders)}" if row.senders else "",
        f"to {words(row.recipients)}" if row.recipients else "",
        f"if {words(row.urgency)}" if row.urgency else "",
    )
    needs = f"; once it is on record: {word(row.requires_fact)}" if row.requires_fact else ""
    regime = f"; both ends under {word(row.regime)} processing" if row.regime else ""
    between = "; ".join(end for end in ends if end) or "between anybody"
    return said((row.paragraph, f"{between}; in order to {words(row.purposes)}{needs}{regime}"))


def _needs(book: Rulebook) -> Iterator[Entry]:
    rows = sorted((document, index) for index, row in enumerate(book.needs) for document in _about(row))
    for document, group in groupby(rows, key=lambda each: each[0]):
        needs = [book.needs[index] for _, index in group]
        about = "any document" if document == ANY_DOCUMENT else document
        yield Entry(
            EntryKind.NEED,
            f"NEED-{document}",
            f"What each purpose needs of {about}. What is not needed does not go, whatever is agreed.",
            "; ".join(dict.fromkeys(each.paragraph for each in needs)),
            documents=() if document == ANY_DOCUMENT else (document,),
            details=tuple(pair for each in needs for pair in _need(each)),
        )


def _about(need: Need) -> tuple[str, ...]:
    return need.documents or (ANY_DOCUMENT,)


def _need(need: Need) -> Details:
    forms = (word(name) + ("" if form == WHOLE else f" by {form}") for name, form in need.categories.items())
    ends = f"from {words(need.senders) or 'anybody'} to {words(need.recipients) or 'anybody'}"
    return said((f"To {words(need.purposes)}, {ends}", f"{', '.join(forms)} ({need.paragraph})"))


def _protective(book: Rulebook) -> Iterator[Entry]:
    for each in book.protective.values():
        details = said(
            (
                "Effect",
                "never withheld in silence: where nothing permits it, it is held, and somebody is told",
            )
        )
        yield Entry(EntryKind.PROTECTIVE, each.category, each.reason, each.paragraph, details=details)


def _contradictions(book: Rulebook) -> Iterator[Entry]:
    for name, each in sorted(book.contradictions.items()):
        others = "; ".join(f"{key}: {text}" for key, text in each.options.items() if key != each.choice)
        details = said(
            ("Chosen", each.options[each.choice]),
            ("Other ways out", others),
            ("Why", each.reason),
        )
        yield Entry(EntryKind.CONTRADICTION, name, each.conflict, "", details=details)


def _breaches(book: Rulebook) -> Iterator[Entry]:
    law = book.breaches
    for duty in law.duties:
        steps = tuple(each.id for each in law.steps if each.settles == duty.id)
        yield Entry(EntryKind.BREACH_DUTY, duty.id, duty.title, duty.paragraph, names=steps)
    for step in law.steps:
        settles = (step.settles,) if step.settles else ()
        yield Entry(EntryKind.BREACH_STEP, step.id, step.title, step.paragraph, names=settles)
