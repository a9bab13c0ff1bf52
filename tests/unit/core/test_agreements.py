"""Agreements as data: what is refused at load, and which clause covers which flow."""

from datetime import date
from pathlib import Path

import pytest

from gateway.core.agreements import Agreement, load_agreements
from gateway.core.errors import AgreementError
from tests.support.core_world import ROOT, demo_world

FILES = sorted((ROOT / "deploy" / "agreements").glob("*.yaml"))
DWP = (ROOT / "deploy" / "agreements" / "kent-dwp.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_agreements_of_the_demonstration_name_organisations_of_its_directory(path: Path) -> None:
    (agreement,) = load_agreements({path.name: path.read_text(encoding="utf-8")})
    known = demo_world().directory.organisations
    assert {party.organisation for party in agreement.parties} <= set(known)
    desks = {desk for clause in agreement.clauses for desk in (*clause.from_.desks, *clause.to.desks)}
    assert desks <= {desk.desk for each in known.values() for desk in each.desks}


@pytest.mark.parametrize(
    ("old", "new", "advice"),
    [
        ("state: IN_FORCE", "state: IN_FROCE", "must be"),
        ("SUBJECT_RESTRICTION", "SUBJECT_RESTRICTIONS", "did you mean SUBJECT_RESTRICTION?"),
        ("purposes: [MANAGE_RISK", "purposes: [MANAGING_RISK", "did you mean MANAGE_RISK?"),
        ("kinds: [DWP]", "kinds: [JOBCENTRE]", "is no kind of organisation"),
        ("owner: kent-mappa-unit", "owner: kent-fire", "kent-fire is no party"),
        ('review: "2028-03-31"', 'review: "2030-03-31"', "starts < review <= expiry"),
        ('starts: "2026-04-01"', "starts: 1 April 2026", "starts"),
        ("retention:", "retentoin:", "is no key here"),
        ("documents: [RestrictionNotice]", "documents: []", "at least 1 item"),
    ],
)
def test_a_fault_is_named_with_what_to_write_instead(old: str, new: str, advice: str) -> None:
    assert old in DWP
    with pytest.raises(AgreementError) as raised:
        load_agreements({"kent-dwp.yaml": DWP.replace(old, new, 1)})
    assert advice in raised.value.advice
    assert raised.value.line == 0 or raised.value.file == "kent-dwp.yaml"


def test_a_fault_names_its_line() -> None:
    line = next(n for n, text in enumerate(DWP.splitlines(), 1) if text.startswith("state:"))
    with pytest.raises(AgreementError) as raised:
        load_agreements({"kent-dwp.yaml": DWP.replace("state: IN_FORCE", "state: IN_FROCE")})
    assert (raised.value.line, raised.value.item) == (line, "kent-dwp")


def test_one_version_twice_is_refused() -> None:
    with pytest.raises(AgreementError, match=r"stands in a\.yaml too"):
        load_agreements({"a.yaml": DWP, "b.yaml": DWP})


def _dwp() -> Agreement:
    return load_agreements({"kent-dwp.yaml": DWP})[0]


@pytest.mark.parametrize(
    ("day", "in_force", "expired"),
    [
        (date(2026, 3, 31), False, False),
        (date(2026, 4, 1), True, False),
        (date(2029, 3, 31), True, False),
        (date(2029, 4, 1), False, True),
    ],
)
def test_it_is_in_force_from_its_first_day_to_its_last(day: date, *, in_force: bool, expired: bool) -> None:
    assert (_dwp().is_in_force(day), _dwp().has_expired(day)) == (in_force, expired)


def test_a_draft_is_never_in_force() -> None:
    draft = load_agreements({"a.yaml": DWP.replace("state: IN_FORCE", "state: DRAFT")})[0]
    assert not draft.is_in_force(date(2027, 1, 1))
