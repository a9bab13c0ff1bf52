"""A clause that an absolute prohibition always defeats is refused, with the combination and the remedy."""

from pathlib import Path

import pytest

from gateway.adapters.files import read_agreements, read_directory, read_rulebook
from gateway.core.directory import DirectoryIndex, index_directory
from gateway.core.errors import AgreementError
from gateway.core.rulebook import Rulebook
from tests.support.core_world import ROOT

GOOD = (ROOT / "deploy" / "agreements" / "kent-dwp.yaml").read_text(encoding="utf-8")
CATEGORIES = "categories: [SUBJECT_IDENTITY, SUBJECT_RESTRICTION, STAFF_RISK_FLAG]"


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return read_rulebook()


@pytest.fixture(scope="module")
def directory() -> DirectoryIndex:
    return index_directory(read_directory(ROOT / "deploy" / "directory" / "organisations.yaml"))


def check(folder: Path, text: str, book: Rulebook, directory: DirectoryIndex | None) -> None:
    (folder / "some.yaml").write_text(text, encoding="utf-8")
    read_agreements(folder, book, directory)


def bad(text: str) -> str:
    assert CATEGORIES in text
    return text.replace(CATEGORIES, "categories: [SUBJECT_IDENTITY, SUBJECT_OFFENCE]")


def test_a_good_agreement_is_read(tmp_path: Path, book: Rulebook, directory: DirectoryIndex) -> None:
    check(tmp_path, GOOD, book, directory)


def test_offences_to_the_dwp_are_refused(tmp_path: Path, book: Rulebook, directory: DirectoryIndex) -> None:
    with pytest.raises(AgreementError) as caught:
        check(tmp_path, bad(GOOD), book, directory)
    assert caught.value.file == "some.yaml"
    assert caught.value.item == "kent-dwp/D1"
    assert "SUBJECT_OFFENCE" in bad(GOOD).splitlines()[caught.value.line - 1]
    assert caught.value.advice == (
        "SUBJECT_OFFENCE never goes with RestrictionNotice to DWP for MANAGE_RISK or PLAN_RELEASE, "
        "by MAPPA-21.28: take SUBJECT_OFFENCE out of `categories`"
    )


def test_an_organisation_that_is_named_has_its_kind(
    tmp_path: Path, book: Rulebook, directory: DirectoryIndex
) -> None:
    named = bad(GOOD).replace("to: {kinds: [DWP]", "to: {organisations: [dwp-kent]")
    with pytest.raises(AgreementError, match="to DWP for"):
        check(tmp_path, named, book, directory)


def test_what_is_not_always_defeated_is_read(
    tmp_path: Path, book: Rulebook, directory: DirectoryIndex
) -> None:
    wider = bad(GOOD).replace("to: {kinds: [DWP], desks: [mappa-spoc]}", "to: {kinds: [DWP, POLICE]}")
    check(tmp_path, wider, book, directory)


def test_a_document_among_others_is_told_to_stand_alone(
    tmp_path: Path, book: Rulebook, directory: DirectoryIndex
) -> None:
    both = bad(GOOD).replace("documents: [RestrictionNotice]", "documents: [RestrictionNotice, AdultConcern]")
    with pytest.raises(AgreementError, match="or write a clause of its own for"):
        check(tmp_path, both, book, directory)


def test_an_organisation_of_unknown_kind_is_no_reason_to_refuse(tmp_path: Path, book: Rulebook) -> None:
    named = bad(GOOD).replace("to: {kinds: [DWP]", "to: {organisations: [dwp-kent]")
    check(tmp_path, named, book, None)
