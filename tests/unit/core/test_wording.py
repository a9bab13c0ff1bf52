"""The rulebook as entries: read whole, and found by paragraph, id, words, document and effect."""

import pytest

from gateway.core.agreements import Agreement
from gateway.core.wording.agreements import headings_of
from gateway.core.wording.citations import read_asked, read_citations
from gateway.core.wording.finding import Index, Wanted
from gateway.core.wording.texts import EntryKind
from tests.support.core_world import demo_world

INDEX = Index(demo_world().rulebook)


def found(**wanted: object) -> set[str]:
    return {each.id for each in INDEX.find(Wanted(**wanted))}  # type: ignore[arg-type]  # names of Wanted


@pytest.mark.parametrize(
    ("asked", "cited", "meets"),
    [
        ("MAPPA 21.28", "MAPPA 21.27, 21.28", True),
        ("mappa 21.28", "MAPPA 21.27, 21.28", True),
        ("21.28", "MAPPA 21.27, 21.28", True),
        ("CPF 21.28", "MAPPA 21.27, 21.28", False),
        ("MAPPA 21", "MAPPA 21.27, 21.28", True),
        ("MAPPA 2", "MAPPA 21.27, 21.28", False),
        ("MAPPA 21.2", "MAPPA 21.27, 21.28", False),
        ("MAPPA 21.20 to 21.30", "MAPPA 21.27", True),
        ("MAPPA 21.20-30", "MAPPA 21.27", True),
        ("MAPPA 15.28", "MAPPA 15.26 to 15.31", True),
        ("MAPPA 15.32", "MAPPA 15.26 to 15.31", False),
        ("MAPPA 15.30 to 16.1", "MAPPA 15.26 to 15.31", True),
        ("MAPPA 13b.26", "DPA 2018 Sch.2 para.5: an order (MAPPA 13b.26)", True),
        ("MAPPA 13a.26", "MAPPA 13b.26", False),
        ("DPA 2018 s.67", "DPA 2018 s.67(1) to (4); UK GDPR Article 33(1) to (4)", True),
        ("UK GDPR Article 33(1)", "DPA 2018 s.67(1); UK GDPR Article 33(1)", True),
        ("DPA 2018 s.33", "DPA 2018 s.67(1); UK GDPR Article 33(1)", False),
        ("DPA 2018", "DPA 2018 s.68(7)", True),
        ("MAPPA", "CPF 6.3, MAPPA 9.12", True),
        ("NG189 1.5.1", "KCC 5.3; NG189 1.5.1, 1.6.13", True),
        ("Care Act 2014 s.42", "Care Act 2014 s.42: enquiry by the local authority", True),
        ("MAPPA 4084", "MAPPA 10.23 (line 4084)", False),
    ],
)
def test_a_paragraph_is_found_where_it_is_cited(asked: str, cited: str, meets: bool) -> None:
    wanted = read_asked(asked)
    assert wanted is not None
    assert any(wanted.meets(each) for each in read_citations(cited)) is meets


def test_every_part_of_the_rulebook_is_an_entry() -> None:
    book = demo_world().rulebook
    ids = {(each.kind, each.id) for each in INDEX.entries}
    assert len(ids) == len(INDEX.entries)
    expected = {(EntryKind.RULE, each.rule.id) for each in book.rules}
    expected |= {(EntryKind.CHECK, gate.id) for _, gate in book.gates}
    expected |= {(EntryKind.CHECK, book.freetext.masked.id)}
    expected |= {(EntryKind.PREREQUISITE, name) for name in book.prerequisites}
    expected |= {(EntryKind.TIME_LIMIT, name) for name in book.limits.by_id}
    expected |= {(EntryKind.LAWFUL_BASIS, name) for name in book.bases}
    expected |= {(EntryKind.PROTECTIVE, name) for name in book.protective}
    expected |= {(EntryKind.CONTRADICTION, name) for name in book.contradictions}
    expected |= {(EntryKind.BREACH_DUTY, each.id) for each in book.breaches.duties}
    expected |= {(EntryKind.BREACH_STEP, each.id) for each in book.breaches.steps}
    assert ids >= expected
    assert {kind for kind, _ in ids - expected} == {EntryKind.NEED}


def test_every_entry_says_something_in_words() -> None:
    for each in INDEX.entries:
        assert each.statement
        assert each.paragraph or each.kind is EntryKind.CONTRADICTION, each.id
        assert all(label and text for label, text in each.details), each.id


def test_every_paragraph_that_a_rule_cites_finds_it() -> None:
    rules = [each for each in INDEX.entries if each.kind is EntryKind.RULE]
    assert all(each.citations for each in rules)
    for each in rules:
        for cited in each.citations:
            number = ".".join(f"{chapter}{letter}" for chapter, letter in cited.first)
            assert each.id in found(paragraph=f"{cited.work} {number}"), each.id


def test_the_benefits_rule_is_found_by_paragraph_id_and_words() -> None:
    assert "MAPPA-21.28" in found(paragraph="MAPPA 21.28")
    assert "MAPPA-21.28" in found(text="mappa-21.28")
    assert "MAPPA-21.28" in found(text="Work and Pensions restrictions")
    assert "MAPPA-21.28" not in found(paragraph="MAPPA 21.28", effect="HOLD")
    assert "MAPPA-21.28" not in found(kinds=(EntryKind.PREREQUISITE,), paragraph="MAPPA 21.28")


def test_what_may_bear_on_a_document_names_it_or_names_none() -> None:
    listed = INDEX.find(Wanted(document="RestrictionNotice"))
    assert {"MAPPA-21.28", "NEED-RestrictionNotice"} <= {each.id for each in listed}
    assert all(not each.documents or "RestrictionNotice" in each.documents for each in listed)


def test_a_paragraph_that_cannot_be_read_finds_nothing() -> None:
    assert not found(paragraph="the 4th of the 5th, 6")


def test_a_prerequisite_goes_with_the_rules_that_wait_for_it() -> None:
    entry = INDEX.get("OWNER_AGREES")
    assert entry is not None
    related = INDEX.related(entry)
    assert "CPF-6.37" in {each.id for each in related if each.kind is EntryKind.RULE}
    rule = INDEX.get("CPF-6.37", EntryKind.RULE)
    assert rule is not None
    assert entry in INDEX.related(rule)
    assert INDEX.get("CPF-6.37", EntryKind.CHECK) is None


@pytest.mark.parametrize("agreement", demo_world().agreements, ids=lambda each: f"{each.id}-{each.version}")
def test_an_agreement_is_told_heading_by_heading(agreement: Agreement) -> None:
    headings = dict(headings_of(agreement))
    assert headings["Retention"] == agreement.retention.period
    assert agreement.breach_contact.telephone in headings["Breaches"]
    assert all(headings.values())
