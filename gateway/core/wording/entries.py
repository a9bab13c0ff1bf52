"""Every entry of a rulebook in plain English: what it says, under which paragraph, and what it names."""

from collections.abc import Iterator

from gateway.core.deadlines.form import TimeLimit
from gateway.core.gate_model import Gate, ReviewedGate
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.rulebook import CompiledRule, Rulebook
from gateway.core.wording.limits import after, begins, ends_with, lasts, span_words, whose
from gateway.core.wording.prerequisites import DECLINED, asked_of, in_working_days
from gateway.core.wording.rules import effects
from gateway.core.wording.tables import read_tables
from gateway.core.wording.texts import Details, Entry, EntryKind, said
from gateway.core.wording.words import scope, spelt_out, told, word, words


def read_entries(book: Rulebook) -> Iterator[Entry]:
    """Every entry, by kind and id."""
    yield from (_rule(book, each) for each in book.rules)
    gates = [gate for _, gate in book.gates]
    yield from (_check(each) for each in sorted([*gates, book.freetext.masked], key=lambda one: one.id))
    yield from (_prerequisite(each) for _, each in sorted(book.prerequisites.items()))
    yield from (_limit(each.limit) for _, each in sorted(book.limits.by_id.items()))
    yield from read_tables(book)


def _rule(book: Rulebook, compiled: CompiledRule) -> Entry:
    rule = compiled.rule
    return Entry(
        EntryKind.RULE,
        rule.id,
        rule.reason,
        rule.paragraph,
        effect=compiled.fired.effect.value,
        prohibition=rule.prohibition,
        guidance=compiled.guidance,
        documents=rule.applies.documents,
        details=_facets(book, compiled),
        names=(rule.hold.prerequisite,) if rule.hold else (),
    )


def _facets(book: Rulebook, compiled: CompiledRule) -> Details:
    rule = compiled.rule
    return said(
        ("What it does", "; ".join(effects(book, rule))),
        ("Applies", scope(rule.applies)),
        ("When", spelt_out(rule.when) if rule.when else ""),
        ("Exact condition", rule.when or ""),
        ("Only", f"what comes from the system {rule.system}" if rule.system else ""),
        ("Lifted by", " or ".join(word(fact.upper()) for fact in rule.unless)),
        ("In force while", ", ".join(f"{name} is {option}" for name, option in rule.chosen.items())),
        ("Who is told what", told(rule.tell)),
    )


def _check(gate: Gate) -> Entry:
    review = ""
    if isinstance(gate, ReviewedGate):
        review = f"what goes is looked at again within {in_working_days(gate.review_in_working_days)}"
    details = said(
        ("Instead", gate.instead.explanation if gate.instead else ""),
        ("Afterwards", review),
        ("Who is told what", told(gate.tell)),
        ("Built in", "This check is a step of every decision; only its wording is data."),
    )
    return Entry(EntryKind.CHECK, gate.id, gate.reason, gate.paragraph, details=details)


def _prerequisite(each: Prerequisite) -> Entry:
    escalates = f"{word(each.escalates_to.organisation)}: {word(each.escalates_to.role)}"
    ends = each.expires_after_working_days
    details = said(
        ("Put on record", word(each.fact.upper())),
        ("Who may lift it", "; or else ".join(asked_of(grantor) for grantor in each.granted_by)),
        ("Apart from", f"another agency and person than {words(each.apart_from)}" if each.apart_from else ""),
        ("Unanswered", f"goes on to {escalates}, after {in_working_days(each.escalates_after_working_days)}"),
        ("Ends unanswered", "never" if ends is None else f"after {in_working_days(ends)}, as if declined"),
        ("If declined", DECLINED[each.when_no]),
    )
    names = tuple(each.apart_from)
    return Entry(EntryKind.PREREQUISITE, each.id, each.title, each.paragraph, details=details, names=names)


def _limit(limit: TimeLimit) -> Entry:
    steps = "; ".join(whose(each.to, each.role) + after(each.after) for each in limit.escalates)
    details = said(
        ("Runs from", begins(limit)),
        ("How long", lasts(limit)),
        ("Who owes it", whose(limit.responsible, limit.role)),
        ("Kept by", "; ".join(map(ends_with, limit.stops)) or "nothing: it is told"),
        ("Reminder", "" if limit.remind is None else f"{span_words(limit.remind)} before"),
        ("Next step", steps),
        ("Authority", "the project's own: the guidance gives no time" if limit.authority == "POLICY" else ""),
    )
    documents = limit.starts.documents
    return Entry(
        EntryKind.TIME_LIMIT, limit.id, limit.title, limit.paragraph, documents=documents, details=details
    )
