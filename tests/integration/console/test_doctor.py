"""`ppg doctor` of a console that runs, beside a provider at which people can sign in."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploy.certificates import write_private
from services.kit.console_settings import load_settings
from services.kit.doctor.at_console import check_console, check_sign_in
from services.kit.doctor.at_provider import check_identity, check_token
from services.kit.doctor.console import console_patient
from services.kit.doctor.finding import Finding, Verdict
from services.kit.doctor.patient import ConsolePatient
from tests.support.console_process import ORGANISATION, RunningConsole, run_console


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningConsole]:
    with run_console(tmp_path_factory.mktemp("doctor")) as running:
        yield running


@pytest.fixture
def patient(console: RunningConsole) -> ConsolePatient:
    return console_patient(load_settings(console.settings))


def test_people_can_sign_in_and_the_console_answers(patient: ConsolePatient) -> None:
    found = [look(patient) for look in (check_identity, check_token, check_sign_in, check_console)]

    told: list[Finding] = [finding for findings in found for finding in findings]
    assert [(each.check, each.verdict) for each in told] == [
        (name, Verdict.PASS) for name in ("identity", "token", "sign-in", "process")
    ]


def test_a_provider_that_describes_itself_otherwise_is_another(patient: ConsolePatient) -> None:
    (found,) = check_sign_in(replace(patient, issuer=patient.issuer.replace("localhost", "127.0.0.1")))

    assert found.verdict is Verdict.FAIL


def test_a_provider_that_is_away_is_said_in_words(patient: ConsolePatient) -> None:
    (found,) = check_sign_in(replace(patient, issuer="https://127.0.0.1:9"))

    assert (found.verdict, found.check) == (Verdict.FAIL, "sign-in")
    assert "nothing listens on 127.0.0.1:9" in found.says


def test_a_name_that_the_certificate_is_not_for_is_found(patient: ConsolePatient) -> None:
    (found,) = check_console(replace(patient, address="https://console.example.org"))

    assert found.verdict is Verdict.FAIL
    assert "the certificate shown is not for console.example.org" in found.says


def test_a_certificate_in_the_file_that_is_not_the_one_shown_is_a_warning(
    console: RunningConsole, patient: ConsolePatient, tmp_path: Path
) -> None:
    renewed = replace(console.provider.authority, lifetime=timedelta(days=9))
    write_private(tmp_path / "other.crt", renewed.issue("console", ORGANISATION)[0])
    changed = patient.tls.model_copy(update={"certificate_file": tmp_path / "other.crt"})

    (found,) = check_console(replace(patient, tls=changed))

    assert found.verdict is Verdict.WARN
    assert "shows another certificate than" in found.says
