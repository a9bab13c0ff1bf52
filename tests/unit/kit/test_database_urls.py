"""Which databases a process takes, and what must be said about them."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from services.kit.credentials import CredentialError
from services.kit.database import DatabaseAccess, DatabaseSettings, DatabaseUrlError, parse_url

CA, CERTIFICATE, KEY = Path("ca.crt"), Path("own.crt"), Path("own.key")
REMOTE = "postgresql+psycopg://ppg@db.example.org:5432/ppg"
SOCKET = "postgresql+psycopg://ppg@/ppg?host=/run/postgresql&port=5433"


@pytest.mark.parametrize(
    ("url", "access"),
    [
        ("sqlite+aiosqlite:////var/lib/ppg/ppg.db", DatabaseAccess()),
        (SOCKET, DatabaseAccess()),
        ("postgresql+psycopg://ppg@localhost/ppg", DatabaseAccess(password_file=Path("password"))),
        ("postgresql+psycopg://ppg@127.0.0.1:5433/ppg", DatabaseAccess()),
        ("postgresql+psycopg://ppg@[::1]/ppg", DatabaseAccess()),
        (REMOTE, DatabaseAccess(ca_file=CA)),
        (REMOTE, DatabaseAccess(ca_file=CA, certificate_file=CERTIFICATE, key_file=KEY)),
        (
            "postgresql+psycopg://ppg@/ppg?host=a.example.org:5432&host=b.example.org",
            DatabaseAccess(ca_file=CA),
        ),
    ],
)
def test_a_database_is_taken(url: str, access: DatabaseAccess) -> None:
    assert access.require_match(url).database


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("nonsense", "url_malformed"),
        ("mysql://x/y", "database_not_supported"),
        ("sqlite:///x.db", "database_not_supported"),
        ("sqlite+aiosqlite://", "database_not_supported"),
        ("sqlite+aiosqlite:///:memory:", "database_not_supported"),
        ("postgresql://x/y", "database_not_supported"),
        ("postgresql+asyncpg://x/y", "database_not_supported"),
        ("postgresql+psycopg://ppg:secret@localhost/ppg", "url_with_password"),
        ("postgresql+psycopg://ppg@localhost", "url_incomplete"),
        ("postgresql+psycopg:///ppg", "url_incomplete"),
        ("postgresql+psycopg://ppg@localhost/ppg?sslmode=disable", "url_with_options"),
        ("postgresql+psycopg://ppg@localhost/ppg?password=secret", "url_with_options"),
    ],
)
def test_another_is_refused_and_no_secret_repeated(url: str, reason: str) -> None:
    with pytest.raises(DatabaseUrlError) as refused:
        parse_url(url)
    assert refused.value.reason == reason
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "access"),
    [
        (REMOTE, DatabaseAccess()),
        (REMOTE, DatabaseAccess(password_file=Path("password"))),
        ("postgresql+psycopg://ppg@/ppg?host=/run/postgresql&host=db.example.org", DatabaseAccess()),
        (REMOTE, DatabaseAccess(ca_file=CA, certificate_file=CERTIFICATE)),
        (REMOTE, DatabaseAccess(ca_file=CA, key_file=KEY)),
        (
            "postgresql+psycopg://ppg@localhost/ppg",
            DatabaseAccess(certificate_file=CERTIFICATE, key_file=KEY),
        ),
        ("sqlite+aiosqlite:///ppg.db", DatabaseAccess(password_file=Path("password"))),
    ],
)
def test_files_that_do_not_belong_to_the_url_are_refused(url: str, access: DatabaseAccess) -> None:
    with pytest.raises(DatabaseUrlError):
        access.require_match(url)
    with pytest.raises(ValidationError):
        DatabaseSettings(url=url, **access.model_dump())


def test_a_password_that_others_may_read_is_refused(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("hidden")
    settings = DatabaseSettings(url=SOCKET, password_file=password)
    settings.read_files()
    password.chmod(0o644)
    with pytest.raises(CredentialError, match="chmod 600"):
        settings.read_files()
    with pytest.raises(CredentialError):
        DatabaseSettings(url=REMOTE, ca_file=tmp_path / "missing.crt").read_files()
