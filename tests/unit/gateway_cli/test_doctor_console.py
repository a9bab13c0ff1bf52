"""`ppg doctor` on a console that is set up and not running, in which one thing after another is broken."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.certificates import CertificateAuthority, Usage, write_private
from deploy.local.world import World
from deploy.story.model import read_story
from gateway.cli.doctor import diagnose
from services.kit.console_settings import load_settings
from services.kit.doctor.console import console_patient
from services.kit.doctor.examination import examine_console
from services.kit.doctor.finding import Finding, Verdict
from services.kit.doctor.patient import ConsolePatient

OWN = "kent-police"
RUNNING = {"identity", "token", "sign-in", "gateway", "agency", "process", "clock"}
"""What is not there, since nothing of this world runs."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.create(tmp_path / "world", read_story().cast, consoles=[OWN])
    yield made
    made.release()


def config(world: World) -> Path:
    return world.consoles[OWN].settings


def patient_of(world: World) -> ConsolePatient:
    return console_patient(load_settings(config(world)))


def tell(findings: list[Finding], verdict: Verdict) -> list[str]:
    return [f"{each.check}: {each.says}" for each in findings if each.verdict is verdict]


def reissue(
    world: World, organisation: str = OWN, authority: CertificateAuthority | None = None, days: float = 30
) -> None:
    by = replace(authority or world.authority, lifetime=timedelta(days=days))
    certificate, key = by.issue("console", organisation, usage=Usage())
    write_private(world.consoles[OWN].folder / "tls/console.crt", certificate)
    write_private(world.consoles[OWN].folder / "tls/console.key", key)


def test_a_good_set_up_has_no_fault_but_that_nothing_runs(world: World) -> None:
    findings = diagnose(config(world))

    assert {each.check for each in findings if each.verdict is not Verdict.PASS} == RUNNING
    assert any(line.startswith(f"certificate: names {OWN}, fits") for line in tell(findings, Verdict.PASS))
    assert {"files", "directory"} <= {each.check for each in findings}


def test_what_does_not_run_is_said_in_words(world: World) -> None:
    findings = diagnose(config(world))

    failed = tell(findings, Verdict.FAIL)
    for check in ("identity", "token", "sign-in", "gateway", "agency"):
        assert any(line.startswith(f"{check}: nothing listens on 127.0.0.1:") for line in failed), check
    assert any("process: does not run" in line for line in tell(findings, Verdict.WARN))


BREAKS: dict[str, tuple[Callable[[World], object], str]] = {
    "another's certificate": (
        lambda world: reissue(world, "kent-probation"),
        "names kent-probation, and not kent-police: have one issued for kent-police",
    ),
    "an expired certificate": (lambda world: reissue(world, days=-0.001), "expired 20"),
    "the wrong authority": (
        lambda world: reissue(world, authority=CertificateAuthority.create()),
        "no authority in",
    ),
    "a key that others may read": (
        lambda world: (world.consoles[OWN].folder / "tls/console.key").chmod(0o640),
        "files: tls.key_file: ",
    ),
    "no directory": (
        lambda world: world.scheme.directory.unlink(),
        "files: directory.file: ",
    ),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_each_thing_that_is_broken_is_said_in_words(world: World, broken: str) -> None:
    act, sentence = BREAKS[broken]
    before = tell(diagnose(config(world)), Verdict.FAIL)
    assert not any(sentence in line for line in before)

    act(world)

    found = tell(diagnose(config(world)), Verdict.FAIL)
    assert any(sentence in line for line in found), found


def test_a_certificate_that_is_about_to_end_is_a_warning(world: World) -> None:
    reissue(world, days=10)

    warned = tell(examine_console(patient_of(world)), Verdict.WARN)

    assert any("certificate: " in line and "have a new one issued now" in line for line in warned)


def test_settings_that_cannot_be_read_are_the_one_finding(world: World) -> None:
    path = config(world)
    path.write_text(path.read_text() + "\n[nonsense]\nkey = 1\n")

    assert [each.says for each in diagnose(path)] == [
        f"{path}: nonsense: is not a setting: remove it, or correct its spelling"
    ]


def test_it_changes_nothing(world: World) -> None:
    before = {path: path.stat().st_mtime_ns for path in world.folder.rglob("*") if path.is_file()}

    diagnose(config(world))

    assert {path: path.stat().st_mtime_ns for path in world.folder.rglob("*") if path.is_file()} == before
