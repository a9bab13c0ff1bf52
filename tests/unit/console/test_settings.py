"""The console refuses to start on settings that are missing, unknown or contradictory."""

from pathlib import Path
from typing import Any

import pytest

from deploy.certificates import CertificateAuthority, IssuedFiles, write_private
from services.console.__main__ import CANNOT_START, main
from services.console.background import Background
from services.console.composition import compose
from services.console.settings import Settings, lifetimes_of, load_settings
from services.kit.clock import SystemClock
from services.kit.credentials import CredentialError
from services.kit.settings import SettingsError
from tests.support.console_process import describe_plainly, render


@pytest.fixture
def files(tmp_path: Path) -> IssuedFiles:
    return CertificateAuthority.create().issue_files(tmp_path, "console", "kent-police")


def load(files: IssuedFiles, **changes: Any) -> Settings:
    content = describe_plainly("https://identity.example.org", files, 8443) | changes
    path = files.certificate.parent / "settings.toml"
    write_private(
        path, render({name: value for name, value in content.items() if value is not None}).encode()
    )
    return load_settings(path)


def test_what_is_complete_is_taken(files: IssuedFiles) -> None:
    settings = load(files)

    assert settings.host == "localhost:8443"
    assert lifetimes_of(settings.sessions).idle_s == 1800


@pytest.mark.parametrize(
    "name", ["organisation", "address", "tls", "gateway", "agency", "directory", "identity", "sign_in"]
)
def test_what_is_missing_is_named(files: IssuedFiles, name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name}: is missing"):
        load(files, **{name: None})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("debug", True, "debug: is not a setting"),
        ("sessions", {"idle": 5}, "sessions.idle: is not a setting"),
        ("address", "http://localhost:8443", "must be https://host"),
        ("address", "https://localhost:8443/", "nothing after it"),
        ("address", "https://somebody@localhost", "nothing after it"),
        ("address", "https://localhost:443", "without the port 443"),
        ("address", "https://LOCALHOST:8443", "lower case"),
        ("sessions", {"absolute_s": 90_000}, "less than or equal to 86400"),
        ("organisation", "kent-probation", "speak for this organisation"),
        ("sign_in", {"issuer": "https://other.example.org"}, "one of identity.issuers"),
    ],
)
def test_what_cannot_be_is_refused(files: IssuedFiles, name: str, value: Any, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load(files, **{name: value})


def test_a_key_that_others_can_read_is_refused(files: IssuedFiles) -> None:
    files.key.chmod(0o644)

    with pytest.raises(SettingsError, match=r"console\.key"):
        load(files)


def test_another_organisations_certificate_is_refused(files: IssuedFiles, tmp_path: Path) -> None:
    other = CertificateAuthority.create().issue_files(tmp_path / "other", "console", "kent-probation")
    settings = load(
        files,
        tls={
            "certificate_file": str(other.certificate),
            "key_file": str(other.key),
            "authority_file": str(other.authority),
        },
    )
    background = Background()
    try:
        with pytest.raises(CredentialError, match="another organisation"):
            compose(settings, background, SystemClock())
    finally:
        background.close()


def test_the_command_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", str(tmp_path / "none.toml")]) == CANNOT_START
    assert "none.toml: cannot be read" in capsys.readouterr().err
