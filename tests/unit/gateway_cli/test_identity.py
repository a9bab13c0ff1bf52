"""The file that says which system runs a command, and how its person is known."""

import json
from pathlib import Path

import pytest

from deploy.certificates import CertificateAuthority, Usage, write_private
from gateway.cli.identity import read_identity
from services.kit.access.client import TokenUnavailableError
from services.kit.credentials import CredentialError

TLS = '[tls]\ncertificate_file = "client.crt"\nkey_file = "client.key"\nauthority_file = "authority.crt"\n'
SIGN_IN = (
    '[sign_in]\nissuer = "https://127.0.0.1:9"\nclient_id = "kent-mappa-unit"\n'
    'token_url = "https://127.0.0.1:9/token"\nca_file = "authority.crt"\n'
)
TOKENS = 'tokens_file = "tokens.json"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    caller = Usage(client=True, server=False)
    CertificateAuthority.create().issue_files(tmp_path, "client", "kent-mappa-unit", usage=caller)
    write_private(tmp_path / "tokens.json", json.dumps({"system": "s", "person": "p"}).encode())
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "identity.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def test_tokens_from_a_file_go_on_the_call(folder: Path) -> None:
    identity = read_identity(write(folder, TOKENS + TLS))

    assert await identity.get_tokens().metadata() == [("authorization", "Bearer s"), ("ppg-person", "p")]
    assert identity.read_tls().organisation() == "kent-mappa-unit"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (TLS, "exactly one of"),
        (TOKENS + TLS + SIGN_IN, "exactly one of"),
        (SIGN_IN, "tls"),
        (TLS + SIGN_IN.replace('https://127.0.0.1:9"', 'http://127.0.0.1:9"'), "sign_in.issuer"),
        (TLS + SIGN_IN + 'secret = "x"\n', "sign_in.secret"),
        ("not toml", "is not TOML"),
    ],
)
def test_a_file_that_will_not_do_says_so(folder: Path, text: str, says: str) -> None:
    with pytest.raises(CredentialError, match=says):
        read_identity(write(folder, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match="cannot be read"):
        read_identity(tmp_path / "nothing")


@pytest.mark.parametrize("content", ['{"system": "s"}', "[]", "x"])
def test_tokens_that_are_none_are_refused(folder: Path, content: str) -> None:
    write_private(folder / "tokens.json", content.encode())

    with pytest.raises(CredentialError, match="must hold JSON"):
        read_identity(write(folder, TOKENS + TLS)).get_tokens()


def test_tokens_that_others_may_read_are_refused(folder: Path) -> None:
    (folder / "tokens.json").chmod(0o644)

    with pytest.raises(CredentialError, match="chmod 600"):
        read_identity(write(folder, TOKENS + TLS)).get_tokens()


def test_a_provider_that_is_away_signs_nobody_in(folder: Path) -> None:
    with pytest.raises(TokenUnavailableError):
        read_identity(write(folder, TLS + SIGN_IN)).get_tokens()


def test_a_certificate_that_cannot_be_shown_is_said(folder: Path) -> None:
    write_private(folder / "client.crt", b"no certificate")

    with pytest.raises(CredentialError, match="cannot be used"):
        read_identity(write(folder, TLS + SIGN_IN)).get_tokens()
