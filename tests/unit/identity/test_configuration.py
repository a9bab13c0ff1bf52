"""What the provider is told: settings, people, keys, passwords. What will not do refuses to start."""

import io
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.identity.__main__ import WARNING, main
from services.identity.attempts import Gate
from services.identity.clients import Client
from services.identity.keys import SigningKeys, make_key
from services.identity.passwords import PasswordError, hash_password, is_password
from services.identity.people import read_people
from services.identity.sessions import Shelf
from services.identity.settings import Attempts, ClientEntry, load_settings
from services.kit.settings import SettingsError
from tests.support.provider import HASH, PASSWORD, PERSON, USER, Provider, render_tables, write_provider

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def provider(tmp_path: Path) -> Provider:
    return write_provider(tmp_path)


def change(provider: Provider, old: str, new: str) -> Path:
    text = provider.settings.read_text()
    assert old in text
    provider.settings.write_text(text.replace(old, new, 1))
    return provider.settings


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[listen]", "surprise = 1\n[listen]", "surprise: is not a setting"),
        ("[people]", "[peoples]", "people: is missing"),
        ('issuer = "https', 'issuer = "http', "issuer"),
        ("http://127.0.0.1/signed-in", "http://example.org/signed-in", "redirect_uris"),
        ("http://127.0.0.1/signed-in", "https://example.org/signed-in#part", "redirect_uris"),
        ('client_id = "kent-police"', 'client_id = "kent police"', "client_id"),
        ('audience = ["', 'audience = []\nmore = ["', "audience"),
        ("port = ", 'port = "', "is not TOML"),
        ("[keys]", "[lifetimes]\ntoken_s = 100000\n[keys]", "token_s"),
    ],
)
def test_settings_that_will_not_do_say_what_to_do(provider: Provider, old: str, new: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says.replace("(", r"\(")):
        load_settings(change(provider, old, new))


def test_a_client_twice_is_refused(provider: Provider) -> None:
    text = provider.settings.read_text()
    provider.settings.write_text(text + text[text.index("[[clients]]") :])

    with pytest.raises(SettingsError, match="twice"):
        load_settings(provider.settings)


def write_people(provider: Provider, *people: dict[str, Any]) -> Path:
    path = provider.folder / "people.toml"
    path.write_text(render_tables("people", list(people)))
    return path


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"password": PASSWORD}, "password"),
        ({"roles": []}, "roles"),
        ({"roles": ["AGENCY_SYSTEM"]}, "no role of a person"),
        ({"roles": ["KING"]}, "roles"),
        ({"roles": ["MAPPA_COORDINATOR"]}, "has an area"),
        ({"area": "kent-and-medway"}, "nobody else has one"),
        ({"clearances": ["EVERYTHING"]}, "clearances"),
        ({"shoe_size": 43}, "is not a setting"),
        ({"organisation": "kent-probation"}, "no client of kent-probation"),
        ({"subject": "kent-police"}, "id of a client"),
    ],
)
def test_people_who_will_not_do_refuse_the_start(
    provider: Provider, changes: dict[str, Any], says: str
) -> None:
    path = write_people(provider, PERSON | changes)

    with pytest.raises(SettingsError, match=says) as caught:
        read_people(path, load_settings(provider.settings).clients)

    assert PASSWORD not in str(caught.value)
    assert USER not in str(caught.value)


def test_a_user_twice_is_refused(provider: Provider) -> None:
    path = write_people(provider, PERSON, PERSON | {"subject": "p-other", "user": USER.upper()})

    with pytest.raises(SettingsError, match="twice"):
        read_people(path, load_settings(provider.settings).clients)


def test_a_file_of_people_that_others_may_read_is_refused(provider: Provider) -> None:
    path = provider.folder / "people.toml"
    path.chmod(0o640)

    with pytest.raises(SettingsError, match="chmod 600"):
        read_people(path, load_settings(provider.settings).clients)


def test_a_person_is_found_by_user_and_password(provider: Provider) -> None:
    people = read_people(provider.folder / "people.toml", load_settings(provider.settings).clients)

    found = people.check(USER.upper(), PASSWORD)
    assert found is not None
    assert found.subject == PERSON["subject"]
    assert people.check(USER, PASSWORD + "x") is None
    assert people.check("nobody", PASSWORD) is None
    assert people.get(PERSON["subject"]) == found
    assert HASH not in repr(found)


def test_passwords() -> None:
    assert is_password(HASH, PASSWORD)
    assert not is_password(None, PASSWORD)
    assert not is_password(HASH, "x" * 10_000)
    assert hash_password(PASSWORD) != HASH, "salted"
    for poor in ("short", "x" * 201):
        with pytest.raises(PasswordError):
            hash_password(poor)


def test_the_latest_key_whose_moment_has_come_signs(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    make_key(folder, NOW - timedelta(days=2))
    make_key(folder, NOW - timedelta(days=1))
    make_key(folder, NOW + timedelta(days=1))
    now = [NOW]
    keys = SigningKeys(folder, lambda: now[0])
    published = [key["kid"] for key in keys.publish()["keys"]]

    first = keys.current().kid
    now[0] = NOW + timedelta(days=1)

    assert (first, keys.current().kid) == (published[1], published[2])
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    assert not any("d" in key for key in keys.publish()["keys"])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("soon.jwk", None, "its name must be the moment"),
        ("2026-01-01T000000Z.jwk", "{}", "private JSON Web Key"),
        ("2026-01-01T000000Z.jwk", "[]", "private JSON Web Key"),
        ("2026-01-01T000000Z.jwk", '{"kty": "oct", "k": "c2VjcmV0"}', "private JSON Web Key"),
    ],
)
def test_a_file_that_is_no_key_refuses_the_start(
    tmp_path: Path, name: str, content: str | None, says: str
) -> None:
    made = make_key(tmp_path, NOW - timedelta(days=1))
    text = made.read_text() if content is None else content
    (tmp_path / name).touch(0o600)
    (tmp_path / name).write_text(text)

    with pytest.raises(SettingsError, match=says):
        SigningKeys(tmp_path, lambda: NOW)


def test_no_key_that_signs_yet_refuses_the_start(tmp_path: Path) -> None:
    make_key(tmp_path, NOW + timedelta(days=1))

    with pytest.raises(SettingsError, match="no key that signs yet"):
        SigningKeys(tmp_path, lambda: NOW)


def test_a_key_that_others_may_read_refuses_the_start(tmp_path: Path) -> None:
    make_key(tmp_path, NOW).chmod(0o644)

    with pytest.raises(SettingsError, match="chmod 600"):
        SigningKeys(tmp_path, lambda: NOW)


@pytest.mark.parametrize(
    ("own", "asked", "matches"),
    [
        ("https://console.example.org/in", "https://console.example.org/in", True),
        ("https://console.example.org/in", "https://console.example.org:443/in", False),
        ("https://console.example.org/in", "https://console.example.org/in/", False),
        ("http://127.0.0.1/in", "http://127.0.0.1:5000/in", True),
        ("http://127.0.0.1:80/in", "http://127.0.0.1:5000/in", True),
        ("http://[::1]/in", "http://[::1]:5000/in", True),
        ("http://127.0.0.1/in", "http://127.0.0.2:5000/in", False),
        ("http://127.0.0.1/in", "https://127.0.0.1:5000/in", False),
        ("http://127.0.0.1/in", "http://127.0.0.1:5000/in?x", False),
        ("http://127.0.0.1/in", "http://a@127.0.0.1:5000/in", False),
        ("http://127.0.0.1/in", "http://127.0.0.1:99999/in", False),
        ("http://127.0.0.1/in", "http://127.0.0.1:5000@evil.example.org/in", False),
        ("http://127.0.0.1/in", "http://127.0.0.1:/in", False),
    ],
)
def test_where_people_may_be_sent(own: str, asked: str, matches: bool) -> None:
    entry = ClientEntry(client_id="a", organisation="ab", audience=("urn:x",), redirect_uris=(own,))

    assert Client(entry).check_redirect_uri(asked) is matches


def test_a_client_without_an_address_signs_nobody_in() -> None:
    client = Client(ClientEntry(client_id="a", organisation="ab", audience=("urn:x",)))

    assert not client.check_response_type("code")
    assert not client.check_grant_type("authorization_code")
    assert client.check_grant_type("client_credentials")
    assert not client.check_client_secret("")
    assert not client.check_endpoint_auth_method("none", "token")


def test_what_is_on_the_shelf_ends_and_is_taken_once() -> None:
    now = [0.0]
    shelf = Shelf[str](10, most=2, now=lambda: now[0])
    first = shelf.put("a")
    assert (shelf.get(first), shelf.take(first), shelf.take(first)) == ("a", "a", None)
    second = shelf.put("b")
    now[0] = 10
    assert (shelf.get(second), shelf.take(second)) == (None, None)
    names = [shelf.put(text) for text in "cde"]
    assert [shelf.get(name) for name in names] == [None, "d", "e"]


def test_the_gate_counts_by_user_and_by_address() -> None:
    gate = Gate(Attempts(per_user=2, per_address=3, window_s=900))
    for _ in range(2):
        assert gate.is_open("ada", "a")
        gate.count_failure("ADA", "a")

    assert not gate.is_open("ada", "b")
    assert gate.is_open("bo", "a")
    gate.count_failure("bo", "a")
    assert not gate.is_open("cy", "a")


def test_a_password_is_hashed_from_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{PASSWORD}\n"))

    assert main(["password"]) == 0
    assert is_password(capsys.readouterr().out.strip(), PASSWORD)


def test_a_key_is_added_from_the_command_line(provider: Provider, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "--config", str(provider.settings), "--after", "3600"]) == 0

    path = Path(capsys.readouterr().out.strip())
    assert len(SigningKeys(path.parent, lambda: datetime.now(UTC)).publish()["keys"]) == 2


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (lambda provider: provider.settings.unlink(), "cannot be read"),
        (lambda provider: (provider.folder / "people.toml").chmod(0o644), "chmod 600"),
        (lambda provider: (provider.folder / "tls" / "service.key").chmod(0o644), "chmod 600"),
        (lambda provider: (provider.folder / "tls" / "service.crt").unlink(), "does not exist"),
        (
            lambda provider: (provider.folder / "tls" / "service.crt").write_text("x"),
            "see [listen] and [tls]",
        ),
    ],
)
def test_it_refuses_to_start_and_says_why(
    provider: Provider, break_it: Any, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    break_it(provider)

    assert main(["--config", str(provider.settings)]) == 2
    assert says in capsys.readouterr().err


def test_it_says_in_its_first_lines_what_it_is_for_and_stops_when_told(provider: Provider) -> None:
    command = [sys.executable, "-m", "services.identity", "--config", str(provider.settings)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline() for _ in range(2)]
        process.terminate()
        assert process.wait(20) == 0

    assert "serving for development and tests only" in lines[0]
    assert lines[1].strip() == WARNING
