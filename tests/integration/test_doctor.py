"""`ppg doctor` at a real broker: each step on the way is told from the others, and nothing is disturbed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.certificates import CertificateAuthority, write_private
from deploy.local.world import World
from deploy.story.model import read_story
from gateway.cli.doctor import read_patient
from services.kit.doctor.at_broker import check_broker
from services.kit.doctor.finding import Finding, Verdict
from services.kit.doctor.patient import Patient
from tests.support.broker import OPERATOR, TestBroker

OWN = "kent-police"


@pytest.fixture
def patient(tmp_path: Path, broker: TestBroker) -> Iterator[Patient]:
    """A good set-up, at the broker of the tests."""
    world = World.create(tmp_path / "world", read_story().cast)
    yield at(read_patient(world.folder / OWN / "settings.toml"), broker)
    world.release()


def at(patient: Patient, broker: TestBroker, user: str = OWN, **changes: Any) -> Patient:
    return replace(patient, broker=broker.settings(user, **changes))


def find(patient: Patient) -> list[Finding]:
    return list(check_broker(patient))


def verdicts(patient: Patient) -> dict[str, Verdict]:
    return {each.check: each.verdict for each in find(patient)}


def the_fault(patient: Patient) -> str:
    (fault,) = [f"{each.check}: {each.says}" for each in find(patient) if each.verdict is Verdict.FAIL]
    return fault


def test_a_good_way_to_the_broker(patient: Patient) -> None:
    assert verdicts(patient) == {
        "broker-tcp": Verdict.PASS,
        "broker-tls": Verdict.PASS,
        "broker-login": Verdict.PASS,
        "broker-reading": Verdict.PASS,
        "broker-publishing": Verdict.PASS,
    }


def test_looking_takes_nothing_out_and_puts_nothing_in(patient: Patient, broker: TestBroker) -> None:
    broker.put(f"to.{OWN}", b"one")

    find(patient)

    method, _, body = broker.get(f"to.{OWN}")
    assert (body, method.redelivered) == (b"one", False)
    assert broker.depth(f"from.{OWN}") == 0


def test_nothing_listens(patient: Patient, broker: TestBroker) -> None:
    assert "broker: nothing listens on localhost:1" in the_fault(at(patient, broker, port=1))


def test_a_name_that_is_not_known(patient: Patient, broker: TestBroker) -> None:
    fault = the_fault(at(patient, broker, host="nowhere.invalid"))
    assert "broker: the name nowhere.invalid is not known here" in fault


def test_another_authority(patient: Patient, broker: TestBroker, tmp_path: Path) -> None:
    other = tmp_path / "other.crt"
    write_private(other, CertificateAuthority.create().certificate_pem)

    assert "issued the certificate of localhost: name the authority that did" in the_fault(
        at(patient, broker, ca_file=other)
    )


def test_a_certificate_that_the_broker_does_not_trust(
    patient: Patient, broker: TestBroker, tmp_path: Path
) -> None:
    files = CertificateAuthority.create().issue_files(tmp_path / "strange", OWN, OWN)
    changed = at(patient, broker, certificate_file=files.certificate, key_file=files.key)

    assert "broker-login: the broker refuses our certificate" in the_fault(changed)


def test_a_wrong_password(patient: Patient, broker: TestBroker, tmp_path: Path) -> None:
    wrong = tmp_path / "password"
    write_private(wrong, b"guess")

    fault = the_fault(at(patient, broker, password_file=wrong))

    assert f"broker-login: the broker does not accept user {OWN} with the password in {wrong}" in fault
    assert "guess" not in fault


def test_a_virtual_host_that_is_not_ours(patient: Patient, broker: TestBroker) -> None:
    fault = the_fault(at(patient, broker, virtual_host="elsewhere"))
    assert "does not let it into the virtual host elsewhere" in fault


def test_a_queue_that_is_anothers(patient: Patient) -> None:
    route = replace(patient.route, queues=lambda _: ["to.kent-probation"])

    assert "broker-reading: this user may not read to.kent-probation" in the_fault(
        replace(patient, route=route)
    )


def test_a_queue_that_is_not_there(patient: Patient, broker: TestBroker) -> None:
    changed = replace(
        at(patient, broker, user=OPERATOR), route=replace(patient.route, queues=lambda _: ["to.x"])
    )

    assert "broker-reading: there is no queue to.x" in the_fault(changed)


def test_publishing_as_another(patient: Patient) -> None:
    route = replace(patient.route, key="from.kent-probation")

    assert "broker-publishing: this user may not publish to submissions as from.kent-probation" in the_fault(
        replace(patient, route=route)
    )


def test_the_gateways_own_way(broker: TestBroker, tmp_path: Path) -> None:
    world = World.create(tmp_path / "second", read_story().cast)
    gateway = at(read_patient(world.folder / "gateway" / "settings.toml"), broker, user="gateway")
    world.release()

    found = find(gateway)

    # This broker has the queues of some of the directory's organisations.
    assert verdicts(gateway)["broker-publishing"] is Verdict.PASS
    assert all("there is no queue from." in each.says for each in found if each.verdict is Verdict.FAIL)
