from pathlib import Path
from typing import Any

import pytest

from services.kit.settings import MEBIBYTE, SettingsError, load_settings, parse_settings

PATH = Path("folder/own-body.toml")


def content() -> dict[str, Any]:
    return {
        "organisation": "own-body",
        "tls": {"certificate_file": "a.crt", "key_file": "a.key", "authority_file": "ca.crt"},
        "keys": {"signing_file": "s", "encryption_files": ["e1", "/e2"], "at_rest_file": "r"},
        "store": {"url": "sqlite+aiosqlite:///agency.db"},
        "broker": {"host": "localhost", "user": "own-body", "password_file": "p", "ca_file": "ca.crt"},
        "directory": {
            "file": "d.jws",
            "scheme_key_file": "s.jwk",
            "scheme_key_fingerprint": "A" * 43,
            "serial_file": "serial",
        },
        "gateway": {"address": "127.0.0.1:7443"},
        "identity": {
            "issuers": [{"issuer": "https://id", "jwks_file": "jwks.json", "organisations": ["own-body"]}],
            "client": {"client_id": "own-body", "token_url": "https://id/token"},
        },
    }


def test_paths_start_from_the_folder_of_the_file() -> None:
    settings = parse_settings(content(), PATH)
    folder = PATH.absolute().parent
    assert settings.tls.key_file == folder / "a.key"
    assert settings.keys.encryption_files == (folder / "e1", Path("/e2"))
    assert settings.directory.file == folder / "d.jws"
    assert settings.broker.password_file == folder / "p"


def test_what_is_not_given_is_safe() -> None:
    settings = parse_settings(content(), PATH)
    assert settings.listen.host == "127.0.0.1"
    assert settings.limits.max_message_octets == 4 * MEBIBYTE


@pytest.mark.parametrize(
    ("section", "name", "value", "words"),
    [
        (None, "colour", "red", "colour: is not a setting"),
        ("limits", "max_mesage_octets", 1, "limits.max_mesage_octets: is not a setting"),
        ("listen", "host", "example.org", "listen.host"),
        ("store", "url", "postgresql+psycopg://ppg:secret@localhost/ppg", "take the password out"),
        ("directory", "scheme_key_fingerprint", "short", "scheme_key_fingerprint"),
        ("keys", "encryption_files", [], "keys: .*key folder"),
        ("broker", "port", 0, "broker.port"),
    ],
)
def test_a_wrong_setting_refuses_by_name_and_without_its_value(
    section: str | None, name: str, value: object, words: str
) -> None:
    given = content()
    (given.setdefault(section, {}) if section else given)[name] = value
    with pytest.raises(SettingsError, match=words) as refused:
        parse_settings(given, PATH)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("name", ["organisation", "tls", "keys", "store", "broker", "directory"])
def test_a_missing_setting_refuses(name: str) -> None:
    given = content()
    del given[name]
    with pytest.raises(SettingsError, match=f"{name}: is missing: add it"):
        parse_settings(given, PATH)


def test_a_missing_file_refuses(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("organisation")
    with pytest.raises(SettingsError, match="is not TOML"):
        load_settings(tmp_path / "bad.toml")


def test_missing_keys_refuse(tmp_path: Path) -> None:
    settings = parse_settings(content(), tmp_path / "own-body.toml")
    with pytest.raises(SettingsError, match=r"a\.crt: does not exist"):
        settings.read_credentials()
