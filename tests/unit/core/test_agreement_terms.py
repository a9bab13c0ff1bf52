"""What an agreement must say under each heading, and what is refused with its line and the remedy."""

import json
from datetime import date
from hashlib import sha256

import pytest

from gateway.adapters.files import read_agreements, read_rulebook
from gateway.cli.commands import main
from gateway.core.agreement_checks import check_terms
from gateway.core.agreement_law import check_law
from gateway.core.agreement_short import ShortAgreement
from gateway.core.agreement_state import CHANGES, AgreementState, PartyState, may_change
from gateway.core.agreements import Agreement, digest_of, load_agreements
from gateway.core.errors import AgreementError
from gateway.core.vocabulary import kind_name
from gateway.core.yaml_source import Source
from tests.support.core_world import ROOT, demo_world

CHILDREN = (ROOT / "deploy" / "agreements" / "kent-children.yaml").read_text(encoding="utf-8")
DWP = (ROOT / "deploy" / "agreements" / "kent-dwp.yaml").read_text(encoding="utf-8")


def check(source: Source, agreement: Agreement) -> None:
    directory = demo_world().directory
    check_terms(source, agreement)
    check_law(source, agreement, demo_world().rulebook, lambda name: kind_name(directory.kind_of(name)))


def load(text: str) -> Agreement:
    return load_agreements({"one.yaml": text}, check)[0]


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize("text", [DWP, CHILDREN], ids=["dwp", "children"])
def test_a_sound_agreement_loads(text: str) -> None:
    assert load(text).is_in_force(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "at", "advice"),
    [
        ("purposes: [MANAGE_RISK, PLAN_RELEASE]\nlawful",
         "purposes: [MANAGE_RISK]\nlawful", "    purposes:",
         "PLAN_RELEASE is no purpose of the agreement"),
        ("purposes: [MANAGE_RISK, PLAN_RELEASE]\nlawful",
         "purposes: [PREVENT_CRIME, MANAGE_RISK, PLAN_RELEASE]\nlawful",
         "purposes: [PREVENT_CRIME", "no clause is for PREVENT_CRIME"),
        ("clauses:\n", '  - {organisation: kent-police, role: Constable, on: "2026-03-20"}\nclauses:\n',
         "role: Constable", "kent-police signs twice"),
        ('  - {organisation: dwp-kent, role: District manager, on: "2026-03-09"}\n', "", "signatures:",
         "in force without the signature of dwp-kent: add it, or write DRAFT"),
        ('on: "2026-03-09"', 'on: "2026-04-02"', "dwp-kent, role", "signs after the start"),
        ("bases: [CJA_2003_S325, OMA", "bases: [CJA_2003_S325, CSWA_2017_S16, OMA", "CSWA_2017_S16",
         "CSWA_2017_S16 serves no purpose of this agreement under LAW_ENFORCEMENT"),
        ("regime: GENERAL", "regime: LAW_ENFORCEMENT", "UK GDPR", "LAW_ENFORCEMENT stands twice"),
        ("    documents:", "    bases: [VITAL_INTERESTS]\n    documents:", "bases: [VITAL_INTERESTS]",
         "VITAL_INTERESTS is no basis of the agreement"),
        ("purposes: [M", "  - {organisation: dwp-kent, status: PROCESSOR}\npurposes: [M", "status: PROCESSOR",
         "dwp-kent stands here twice"),
        ("within_hours: 24", "within_hours: 96", "within_hours", "less than or equal to 72"),
        ("  at_rest:", "  at_reste:", "at_reste", "is no key here"),
        ("lawful_bases:", "lawful_base:", "lawful_base:", "is no key here"),
    ],
)  # fmt: skip
def test_a_contradiction_is_named_with_its_line(old: str, new: str, at: str, advice: str) -> None:
    assert old in DWP
    text = DWP.replace(old, new, 1)
    with pytest.raises(AgreementError) as raised:
        load(text)
    assert advice in raised.value.advice
    assert abs(raised.value.line - line_of(text, at)) <= 1


@pytest.mark.parametrize(
    ("part", "advice"),
    [
        ("    special: {disclosing: [SCH8", "special data, which need a condition at each end under LAW_"),
        ("    special: {disclosing: [SCH1", "special data, which need a condition at each end under GENERAL"),
        ("    criminal: ", "carry criminal data, which need a condition at each end under GENERAL"),
        ('reference: "Appropriate policy document kent-probation/', "kent-probation takes part in C2, C4"),
    ],
)  # fmt: skip
def test_sensitive_data_need_conditions_and_policy_documents(part: str, advice: str) -> None:
    kept = [line for line in CHILDREN.splitlines() if part not in line]
    assert len(kept) == len(CHILDREN.splitlines()) - 1
    with pytest.raises(AgreementError, match=r"write|add") as raised:
        load("\n".join(kept))
    assert advice in raised.value.advice


def test_a_condition_at_one_end_only_is_refused() -> None:
    text = CHILDREN.replace("receiving: [SCH8_STATUTORY_PURPOSES, SCH8_SAFEGUARDING]", "receiving: []", 1)
    assert text != CHILDREN
    with pytest.raises(AgreementError, match="a condition at each end"):
        load(text)


def test_a_condition_of_another_regime_is_refused_with_those_that_fit() -> None:
    text = CHILDREN.replace(
        "disclosing: [SCH1_STATUTORY", "disclosing: [SCH8_ADMINISTRATION_OF_JUSTICE, SCH1_STATUTORY", 1
    )
    with pytest.raises(
        AgreementError, match=r"no condition for this under GENERAL: write one of .*SCH1_"
    ) as raised:
        load(text)
    assert raised.value.line == line_of(text, "SCH8_ADMINISTRATION_OF_JUSTICE")


def test_a_policy_document_overdue_for_review_is_refused() -> None:
    text = CHILDREN.replace('review: "2027-03-31"', 'review: "2026-03-31"', 1)
    with pytest.raises(AgreementError, match="review it and write the next date"):
        load(text)


def test_a_clause_that_no_agreed_basis_carries_is_refused() -> None:
    text = DWP.replace("    documents:", "    bases: [COMMON_LAW_POLICING]\n    documents:")
    with pytest.raises(AgreementError, match="no agreed basis carries PLAN_RELEASE between these ends"):
        load(text)


def test_a_draft_need_not_be_signed() -> None:
    start, end = DWP.index("signatures:"), DWP.index("clauses:")
    draft = (DWP[:start] + DWP[end:]).replace("state: IN_FORCE", "state: DRAFT")
    assert load(draft).state is AgreementState.DRAFT


def test_two_versions_are_not_in_force_on_one_day() -> None:
    newer = DWP.replace('version: "1"', 'version: "2"')
    with pytest.raises(
        AgreementError, match=r"in force at the same time as a\.yaml: write SUPERSEDED"
    ) as raised:
        load_agreements({"a.yaml": DWP, "b.yaml": newer})
    assert raised.value.line == line_of(DWP, "state:")
    older = DWP.replace("state: IN_FORCE", "state: SUPERSEDED")
    assert len(load_agreements({"a.yaml": older, "b.yaml": newer})) == 2


def test_the_state_depends_on_the_day_and_the_party() -> None:
    agreement = load(DWP.replace("purposes: [M", "suspended: [kent-police]\npurposes: [M", 1))
    assert agreement.state_on(date(2029, 3, 31)) is AgreementState.IN_FORCE
    assert agreement.state_on(date(2029, 4, 1)) is AgreementState.EXPIRED
    assert agreement.state_towards("kent-police") is PartyState.SUSPENDED
    assert agreement.state_towards("dwp-kent") is PartyState.TAKING_PART
    assert agreement.state_towards("kent-fire") is PartyState.OUTSIDE


def test_a_superseded_version_has_not_merely_expired() -> None:
    agreement = load(DWP.replace("state: IN_FORCE", "state: SUPERSEDED"))
    assert not agreement.has_expired(date(2030, 1, 1))
    assert not agreement.is_in_force(date(2027, 1, 1))


def test_what_has_ended_never_comes_back() -> None:
    assert set(CHANGES) == set(AgreementState)
    assert may_change(AgreementState.DRAFT, AgreementState.IN_FORCE)
    assert not any(may_change(each, AgreementState.DRAFT) for each in AgreementState)
    assert not may_change(AgreementState.EXPIRED, AgreementState.IN_FORCE)


def test_the_digest_binds_every_word() -> None:
    agreement = load(DWP)
    canonical = json.dumps(
        agreement.model_dump(mode="json", by_alias=True),
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    assert digest_of(agreement) == sha256(canonical.encode()).hexdigest()
    assert digest_of(load("# a comment\n" + DWP)) == digest_of(agreement)
    assert digest_of(load(DWP.replace("Encrypted by each", "Encrypted by every"))) != digest_of(agreement)


def test_check_prints_digest_and_grounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["agreement", "check"]) == 0
    printed = capsys.readouterr().out
    for agreement in read_agreements(ROOT / "deploy" / "agreements", read_rulebook()):
        assert f"digest sha256:{digest_of(agreement)}" in printed
    assert "  LAW_ENFORCEMENT: CJA_2003_S325, OMA_2007_S14, COMMON_LAW_POLICING\n" in printed


def test_a_short_agreement_is_complete() -> None:
    """What a case file leaves out is filled in, and could be loaded."""
    short = ShortAgreement.model_validate(
        {
            "id": "one",
            "version": "1",
            "state": "IN_FORCE",
            "owner": "kent-police",
            "parties": [
                {"organisation": name, "status": "CONTROLLER"} for name in ("kent-police", "kent-probation")
            ],
            "regimes": ["LAW_ENFORCEMENT"],
            "marking_ceiling": "OFFICIAL",
            "starts": "2026-01-01",
            "review": "2027-01-01",
            "expiry": "2028-01-01",
            "breach_contact": "As agreed.",
            "clauses": [
                {
                    "id": "X1",
                    "paragraph": "clause 1",
                    "from": {},
                    "to": {},
                    "documents": ["RestrictionNotice"],
                    "purposes": ["MANAGE_RISK"],
                    "categories": ["SUBJECT_IDENTITY"],
                }
            ],
        }
    )
    assert short.purposes == ("MANAGE_RISK",)
    assert {each.organisation for each in short.signatures} == {"kent-police", "kent-probation"}
    assert short.rests_on("OMA_2007_S14", "LAW_ENFORCEMENT")
    assert not short.rests_on("OMA_2007_S14", "GENERAL")
