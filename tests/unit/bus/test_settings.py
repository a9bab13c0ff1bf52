from pathlib import Path
from typing import Any

import pika
import pytest
from pydantic import ValidationError

from deploy.certificates import CertificateAuthority
from services.kit.bus import BusSettings, BusSettingsError
from services.kit.bus.settings import connection_parameters


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    files = CertificateAuthority.create().issue_files(tmp_path, "kent-police", "kent-police")
    password_file = tmp_path / "password"
    password_file.write_text("secret\n")
    password_file.chmod(0o600)
    return {
        "host": "localhost",
        "user": "kent-police",
        "password_file": password_file,
        "ca_file": files.authority,
        "certificate_file": files.certificate,
        "key_file": files.key,
    }


def test_the_password_is_read_from_its_file_and_shown_nowhere(values: dict[str, Any]) -> None:
    settings = BusSettings(**values)
    parameters = connection_parameters(settings, "publishing")
    assert isinstance(parameters.credentials, pika.PlainCredentials)
    assert parameters.credentials.password == "secret"
    assert "secret" not in repr(settings)
    assert parameters.client_properties == {"connection_name": "kent-police publishing"}


def test_an_empty_password_is_refused(values: dict[str, Any]) -> None:
    values["password_file"].write_text(" \n")
    with pytest.raises(BusSettingsError, match="empty"):
        connection_parameters(BusSettings(**values), "publishing")


@pytest.mark.parametrize("secret", ["password_file", "key_file"])
def test_a_secret_that_others_may_read_is_refused_at_each_connection(
    values: dict[str, Any], secret: str
) -> None:
    settings = BusSettings(**values)
    connection_parameters(settings, "publishing")
    values[secret].chmod(0o604)
    with pytest.raises(BusSettingsError, match="others may read this secret"):
        connection_parameters(settings, "publishing")


def test_a_file_that_is_no_certificate_is_refused(values: dict[str, Any]) -> None:
    values["ca_file"].write_text("nonsense")
    with pytest.raises(BusSettingsError):
        connection_parameters(BusSettings(**values), "publishing")


@pytest.mark.parametrize(
    "change",
    [{"key_file": None}, {"certificate_file": None}, {"unknown": 1}, {"port": 0}, {"host": ""}, {"user": ""}],
)
def test_contradictory_and_unknown_settings_are_refused(
    values: dict[str, Any], change: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        BusSettings(**(values | change))
