"""What the commands about agreements print, write and ask for."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2

from gateway.adapters.files import read_agreements
from gateway.app.agreement_writing import write_structured, write_yaml
from gateway.cli import agreement_calls
from gateway.cli.commands import main
from gateway.core.agreements import digest_of, load_agreements
from tests.support.core_world import ROOT

FILES = sorted((ROOT / "deploy" / "agreements").glob("*.yaml"))
SHORT = pb2.AgreementVersion(
    agreement_id="kent-dwp",
    version="2",
    title="Kent and Medway",
    owner="kent-mappa-unit",
    standing=pb2.AGREEMENT_STANDING_DRAFT,
    starts="2026-11-23",
    review="2028-03-31",
    expiry="2029-03-31",
    digest="ab" * 32,
    parties=[
        pb2.AgreementParty(
            organisation="dwp-kent",
            status="CONTROLLER",
            signatures_needed=2,
            signatures_given=1,
            suspended=True,
        )
    ],
)
NARROWED = pb2.AgreementDifference(
    part="clause D1", change=pb2.AGREEMENT_CHANGE_NARROWED, words="STAFF_RISK_FLAG no longer may go"
)


class Stub:
    """Answers as the gateway would, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def __getattr__(self, method: str) -> Callable[..., Awaitable[Any]]:
        answers: dict[str, Any] = {
            "ListAgreements": pb2.ListAgreementsResponse(agreements=[SHORT]),
            "GetAgreement": pb2.GetAgreementResponse(
                agreement=SHORT,
                yaml="id: kent-dwp\n",
                clauses=[pb2.ClauseInWords(clause="D1", paragraph="clause 1.1", words="to the DWP")],
                differences=[NARROWED],
            ),
            "CompareAgreements": pb2.CompareAgreementsResponse(differences=[NARROWED]),
            "ProposeAgreement": pb2.ProposeAgreementResponse(agreement=SHORT, differences=[NARROWED]),
            "SignAgreement": pb2.SignAgreementResponse(agreement=SHORT),
        }

        async def call(request: Any, **limits: float) -> Any:
            assert limits["timeout"] > 0
            self.asked.append(request)
            return answers[method]

        return call


async def said(name: str, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[str, Any]:
    stub = Stub()
    work = getattr(agreement_calls, f"_{name}")
    await work(stub, argparse.Namespace(**options))
    return capsys.readouterr().out, stub.asked[-1]


async def test_a_list_says_who_has_still_to_sign_and_who_is_stopped(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, _ = await said("list", capsys)
    assert "kent-dwp version 2: DRAFT" in out
    assert "dwp-kent: CONTROLLER, signed by 1 of 2, SUSPENDED" in out
    assert "ab" * 32 in out


async def test_a_version_is_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    out, asked = await said("show", capsys, agreement="kent-dwp", version="2")
    assert asked == pb2.GetAgreementRequest(agreement_id="kent-dwp", version="2")
    assert "clause D1 (clause 1.1): to the DWP" in out
    assert "NARROWED clause D1: STAFF_RISK_FLAG no longer may go" in out


async def test_a_difference_is_printed_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    named = {"agreement": "kent-dwp", "from_version": "1", "to_version": "2"}
    out, asked = await said("diff", capsys, **named)
    assert out == "NARROWED clause D1: STAFF_RISK_FLAG no longer may go\n"
    assert (asked.from_version, asked.to_version) == ("1", "2")


async def test_files_are_proposed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    out, asked = await said("import", capsys, files=[FILES[0]], reason="Two years on")
    assert asked.yaml == FILES[0].read_text(encoding="utf-8")
    assert asked.reason == "Two years on"
    assert "NARROWED" in out


async def test_an_export_writes_over_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    await said("export", capsys, folder=tmp_path / "out", all=False)
    assert (tmp_path / "out" / "kent-dwp.yaml").read_text() == "id: kent-dwp\n"
    await said("export", capsys, folder=tmp_path / "out", all=True)
    assert (tmp_path / "out" / "kent-dwp-2.yaml").exists()
    with pytest.raises(FileExistsError):
        await said("export", capsys, folder=tmp_path / "out", all=False)


async def test_a_signature_is_under_the_digest_that_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    _, asked = await said("sign", capsys, agreement="kent-dwp", version="2", digest="ab" * 32)
    assert asked == pb2.SignAgreementRequest(agreement_id="kent-dwp", version="2", digest="ab" * 32)


def test_without_an_identity_nobody_is_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.toml")
    assert main(["agreement", "list", "--gateway", "localhost:1", "--identity", missing]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_an_export_reads_as_the_same_agreement() -> None:
    for agreement in read_agreements(ROOT / "deploy" / "agreements"):
        [again] = load_agreements({"one.yaml": write_yaml(agreement)})
        assert digest_of(again) == digest_of(agreement)


def test_numbers_of_json_are_written_whole() -> None:
    assert write_structured({"hours": 24.0, "of": [{"a": 1.0}, "x"]}) == "hours: 24\nof:\n- a: 1\n- x\n"
