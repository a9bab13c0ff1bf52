"""The answer to a subject access request, made on the running system, as whoever receives it may check it."""

import json
from pathlib import Path

import pytest

from deploy.local.world import World
from deploy.story.played import PlayedAccess, PlayedStory
from gateway.cli.commands import main


@pytest.fixture
def answer(played: PlayedStory) -> PlayedAccess:
    return next(step.access for step in played.steps if step.access is not None)


def check(world: World, answer: PlayedAccess, folder: Path, pdf: bytes) -> int:
    (folder / "answer.json").write_bytes(answer.file)
    (folder / "answer.pdf").write_bytes(pdf)
    scheme = world.scheme
    trust = ["--scheme-key", str(scheme.public_key), "--fingerprint", scheme.fingerprint]
    return main(["verify", str(folder / "answer.json"), "--pdf", str(folder / "answer.pdf"), *trust])


def test_it_verifies_offline_with_its_letter_and_with_no_other(
    world: World, answer: PlayedAccess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(world, answer, tmp_path, answer.pdf) == 0
    assert "signed by kent-probation" in capsys.readouterr().out
    assert check(world, answer, tmp_path, answer.pdf + b"\n") == 1
    assert "NOT PROVEN" in capsys.readouterr().out


def test_it_is_signed_over_its_own_content_alone(answer: PlayedAccess) -> None:
    """Neither seals nor digests of what was not given: nothing in the file tells that there is more."""
    file = json.loads(answer.file)
    assert set(file) == {"type", "v", "pack", "pdf_sha256", "signature", "directory"}
    assert file["signature"].count("..") == 1
    assert "~" not in file["signature"]


def test_owners_were_asked_and_everybody_else_is_masked(answer: PlayedAccess) -> None:
    assert set(answer.owners) == {"marlfield-prison", "kent-childrens"}
    text = json.dumps(answer.pack, ensure_ascii=False)
    assert "\u2588\u2588\u2588\u2588\u2588" in text
    assert [name for name in ("Pennyroyal", "Wrenfield", "Larkspur") if name in text] == []
