"""What may be written into the log, and what of it each organisation may see."""

from typing import Any

import pytest
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import header_pb2

from gateway.adapters.coverage import read_sources
from gateway.adapters.files import read_agreements, read_rulebook
from gateway.core.agreements import digest_of
from gateway.core.categories import known_categories
from gateway.core.documents import document_types
from gateway.core.log.checking import EntryError, check_entry, excerpt
from gateway.core.log.entries import SECTION_62, RecordType, Verb
from gateway.core.log.members import FRAME, MEMBERS, Seen
from gateway.core.log.shapes import Shape, fits
from gateway.core.log.specs import SPECS
from gateway.core.model import Effect, Flag
from gateway.core.vocabulary import fact_names
from tools.paths import ROOT

HASH = "0f" * 32
ENUMERATIONS = (
    header_pb2.Purpose.DESCRIPTOR,
    header_pb2.LawfulBasis.DESCRIPTOR,
    header_pb2.ProcessingCondition.DESCRIPTOR,
    header_pb2.Urgency.DESCRIPTOR,
    organisation_pb2.OrganisationKind.DESCRIPTOR,
    organisation_pb2.Marking.DESCRIPTOR,
)
SAMPLES: dict[Shape, Any] = {
    Shape.CODE: "kent-police",
    Shape.CODES: ["MAPPA-21.28"],
    Shape.ROWS: [["MAPPA-21.28", "WITHHOLD"]],
    Shape.REFERENCE: ["kent-mappa, kent-dwp", "1.0, 2.1", "kent-mappa/C1"],
    Shape.HASH: HASH,
    Shape.HASHES: [HASH],
    Shape.NONCE: "a" * 32,
    Shape.TIME: "2026-11-23T09:30:00.000+00:00",
    Shape.NUMBER: 1,
    Shape.YES_NO: True,
}


def entry(kind: RecordType, **other: Any) -> dict[str, Any]:
    """The smallest entry of a type, with further members."""
    names = FRAME | SPECS[kind].required
    members = {name: SAMPLES[MEMBERS[name].shape] for name in names}
    return members | {"type": kind.value, "verb": SPECS[kind].verb.value} | other


def test_every_type_is_declared_and_every_member_is_of_use() -> None:
    assert SPECS.keys() == {kind.value for kind in RecordType}
    used = FRAME.union(*(spec.members for spec in SPECS.values()))
    assert used == MEMBERS.keys()


def test_every_operation_of_section_62_has_a_record() -> None:
    assert {spec.verb for spec in SPECS.values()} >= SECTION_62
    assert {spec.verb for spec in SPECS.values()} == set(Verb)


@pytest.mark.parametrize("kind", [kind for kind in RecordType if SPECS[kind].verb is Verb.CONSULTATION])
def test_a_consultation_says_why_when_and_who(kind: RecordType) -> None:
    # DPA 2018 section 62(2): justification, date and time, and so far as possible identity.
    assert SPECS[kind].required >= {"purpose", "author_commitment"}
    assert "at" in SPECS[kind].members


def test_a_disclosure_says_why_when_who_and_to_whom() -> None:
    # DPA 2018 section 62(3).
    required = SPECS[RecordType.DISCLOSURE].required
    assert required >= {"purpose", "necessity_commitment", "author_commitment", "recipient"}


@pytest.mark.parametrize("kind", list(RecordType))
def test_a_party_is_named_by_a_member_that_the_type_has(kind: RecordType) -> None:
    spec = SPECS[kind]
    assert spec.parties.keys() <= spec.members  # one that is left out names nobody
    assert all(MEMBERS[name].shape is Shape.CODE for name in spec.parties)
    assert Seen.UNIT not in spec.parties.values()


@pytest.mark.parametrize("kind", list(RecordType))
def test_the_smallest_entry_is_one(kind: RecordType) -> None:
    check_entry(entry(kind))


@pytest.mark.parametrize("kind", list(RecordType))
def test_an_entry_without_a_required_member_is_none(kind: RecordType) -> None:
    for name in FRAME | SPECS[kind].required:
        members = entry(kind)
        del members[name]
        with pytest.raises(EntryError):
            check_entry(members)


@pytest.mark.parametrize("kind", list(RecordType))
def test_an_entry_with_another_member_is_none(kind: RecordType) -> None:
    foreign = min(MEMBERS.keys() - SPECS[kind].members)
    for name in (foreign, "surname"):
        with pytest.raises(EntryError, match=name):
            check_entry(entry(kind, **{name: "x"}))


def test_an_entry_of_another_verb_or_type_is_none() -> None:
    with pytest.raises(EntryError, match="verb"):
        check_entry(entry(RecordType.RECEIPT, verb="DISCLOSURE"))
    with pytest.raises(EntryError, match="type"):
        check_entry(entry(RecordType.RECEIPT, type="GOSSIP"))


@pytest.mark.parametrize("shape", list(Shape))
def test_what_somebody_wrote_fits_no_shape(shape: Shape) -> None:
    for text in ("Dean Marlow hit her", ["Dean Marlow hit her"], [["Dean Marlow hit her"]], "", [""], None):
        assert not fits(shape, text)
    assert fits(shape, SAMPLES[shape])


def test_every_code_of_rulebook_agreements_and_contract_has_a_shape() -> None:
    # A code that fits none would stop the exchange that it bears on.
    book = read_rulebook()
    codes = {*read_sources().rules, *book.prerequisites, *fact_names(), *document_types()}
    codes |= known_categories()
    codes |= {flag.value for flag in Flag} | {effect.value for effect in Effect} | {book.version}
    codes |= {value.name for each in ENUMERATIONS for value in each.values}
    assert len(codes) > 500
    assert [code for code in sorted(codes) if not fits(Shape.CODE, code)] == []
    agreements = read_agreements(ROOT / "deploy" / "agreements", book)
    ids, versions = (", ".join(parts) for parts in zip(*((a.id, a.version) for a in agreements), strict=True))
    clauses = ", ".join(f"{each.id}/{clause.id}" for each in agreements for clause in each.clauses)
    assert fits(Shape.REFERENCE, [ids, versions, clauses])
    assert all(fits(Shape.HASH, digest_of(each)) for each in agreements)


def test_a_fault_repeats_no_value() -> None:
    with pytest.raises(EntryError) as caught:
        check_entry(entry(RecordType.RECEIPT, recipient="Dean Marlow"))
    assert "Marlow" not in str(caught.value)
    assert "recipient" in str(caught.value)


def released(**other: Any) -> dict[str, Any]:
    """A disclosure by one organisation to another."""
    return entry(RecordType.DISCLOSURE, sender="kent-police", recipient="dwp-kent/mappa-spoc", **other)


def test_a_recipient_sees_what_it_got_and_not_why() -> None:
    seen = excerpt(released(), "dwp-kent")
    assert seen is not None
    assert seen["categories_released"] == ["MAPPA-21.28"]
    assert seen.keys().isdisjoint(
        {"purpose", "necessity_commitment", "recipients", "categories_withheld", "rules"}
    )


def test_a_sender_sees_no_reason_that_it_was_not_told() -> None:
    seen = excerpt(released(), "kent-police")
    assert seen is not None
    assert "purpose" in seen
    assert seen.keys().isdisjoint({"rules", "reason", "holds", "flags", "categories_withheld", "facts_known"})


def test_who_sent_and_received_sees_as_a_sender() -> None:
    seen = excerpt(released() | {"recipient": "kent-police/mappa-spoc"}, "kent-police")
    assert seen is not None
    assert "purpose" in seen


@pytest.mark.parametrize("kind", [RecordType.HOLD, RecordType.REFUSAL, RecordType.COLLECTION])
def test_whoever_gets_nothing_does_not_learn_that_there_was_something(kind: RecordType) -> None:
    members = entry(kind, sender="kent-police") | {"recipients": ["dwp-kent/mappa-spoc"]}
    if "recipient" in SPECS[kind].required:
        members["recipient"] = "dwp-kent/mappa-spoc"
    assert excerpt(members, "dwp-kent") is None
    assert excerpt(members, "kent-police") is not None


def test_nobody_else_sees_anything() -> None:
    assert excerpt(released(), "kent-probation") is None
    assert excerpt(entry(RecordType.SUBJECT_CONFLICT, sender="kent-police"), "kent-police") is None
