"""`ppg doctor` of processes that run: all well; and what it says while the identity provider is away."""

from dataclasses import replace

import pytest

from deploy.local.identity import NAME
from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from gateway.cli.doctor import diagnose, read_patient
from services.kit.doctor.at_processes import check_gateway, check_process
from services.kit.doctor.at_provider import check_identity, check_token
from services.kit.doctor.finding import Finding, Verdict

POLICE, PRISON = "kent-police", "marlfield-prison"


def lines(findings: list[Finding], verdict: Verdict) -> list[str]:
    return [f"{each.check}: {each.says}" for each in findings if each.verdict is verdict]


@pytest.mark.parametrize("owner", ["gateway", POLICE])
def test_a_system_that_runs_is_well(world: World, owner: str) -> None:
    findings = diagnose(world.folder / owner / "settings.toml")

    assert [each for each in findings if each.verdict is Verdict.FAIL] == []
    assert {"database", "broker-login", "broker-reading", "broker-publishing", "identity", "process"} <= {
        each.check for each in findings if each.verdict is Verdict.PASS
    }
    assert any(line.startswith("clock: agrees within 60 s with") for line in lines(findings, Verdict.PASS))


def test_an_agency_is_let_in_by_the_gateway_with_a_token_of_its_own(world: World) -> None:
    findings = diagnose(world.folder / POLICE / "settings.toml")

    assert "gateway: answers over mutual TLS, and lets this service in" in lines(findings, Verdict.PASS)
    assert "process: answers over mutual TLS, and serves" in lines(findings, Verdict.PASS)
    assert any(
        line.startswith("token: the provider gives the client") for line in lines(findings, Verdict.PASS)
    )


def test_another_process_in_the_place_of_the_gateway_is_known_by_its_certificate(world: World) -> None:
    patient = read_patient(world.folder / POLICE / "settings.toml")
    wrong = replace(patient, gateway=world.agencies[PRISON].address)

    (found,) = check_gateway(wrong)

    assert (found.verdict, found.says) == (
        Verdict.FAIL,
        f"shows a certificate of {PRISON}, and not of gateway: correct the address",
    )


def test_a_process_that_takes_any_port_is_not_asked(world: World) -> None:
    patient = read_patient(world.folder / POLICE / "settings.toml")

    (found,) = check_process(replace(patient, listen=patient.listen.model_copy(update={"port": 0})))

    assert found.verdict is Verdict.PASS


def test_a_client_that_is_not_registered_gets_no_token(world: World) -> None:
    patient = read_patient(world.folder / POLICE / "settings.toml")
    assert patient.client is not None
    unknown = replace(patient, client=patient.client.model_copy(update={"client_id": "nobody"}))

    (found,) = check_token(unknown)

    assert found.verdict is Verdict.FAIL
    assert "gives no token to the client nobody" in found.says


def test_nobody_speaks_for_the_organisation(world: World) -> None:
    patient = read_patient(world.folder / POLICE / "settings.toml")

    found = list(check_identity(replace(patient, owner="kent-unknown")))

    assert any(
        "no issuer speaks for kent-unknown" in each.says for each in found if each.verdict is Verdict.FAIL
    )


def test_a_provider_that_is_away_is_said_in_words(system: LocalSystem) -> None:
    system.processes[NAME].stop()
    try:
        findings = diagnose(system.world.folder / POLICE / "settings.toml")
    finally:
        system.processes[NAME].start()
        system.await_serving()

    failed = lines(findings, Verdict.FAIL)
    assert any(line.startswith("identity: nothing listens on 127.0.0.1:") for line in failed)
    assert any(line.startswith("token: nothing listens on 127.0.0.1:") for line in failed)
