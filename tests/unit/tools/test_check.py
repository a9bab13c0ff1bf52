import pytest

from tools import check
from tools.commands import CommandError


def pass_() -> str:
    return ""


def fail() -> str:
    message = "what is wrong"
    raise CommandError(message)


def run_steps(monkeypatch: pytest.MonkeyPatch, *steps: check.Step) -> int:
    monkeypatch.setattr(check, "list_steps", lambda: list(steps))
    return check.main()


def test_all_steps_passing_is_success(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_steps(monkeypatch, check.Step("one", pass_), check.Step("two", pass_)) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["one", "passed"],
        ["two", "passed"],
    ]


def test_the_first_failure_stops_and_shows_its_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_steps(monkeypatch, check.Step("one", fail), check.Step("two", pass_)) == 1
    out = capsys.readouterr().out
    assert "one                failed" in out
    assert "what is wrong" in out
    assert "two" not in out


def test_every_promised_step_is_there() -> None:
    names = {step.name for step in check.list_steps()}
    assert names == {
        "format",
        "lint",
        "types",
        "import contracts",
        "proto lint",
        "stub drift",
        "privacy lint",
        "catalogue",
        "rules",
        "guide",
        "records",
        "impact assessment",
    }
