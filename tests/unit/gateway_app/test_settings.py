"""The gateway refuses to start on anything missing, unknown or contradictory, with one clear line."""

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from deploy.broker.definitions import GATEWAY
from deploy.local.toml import render
from deploy.local.world import World
from gateway.adapters.keys import check_keys, read_keys
from gateway.adapters.papers import read_papers
from gateway.adapters.world import Grounds, WorldError, load_world
from gateway.settings import Settings, SettingsError, load_settings, parse_settings
from services.kit.credentials import CredentialError
from tests.support.gateway import NOW, ROOT, Parties


@pytest.fixture(scope="module")
def folder(everybody: Parties, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gateway's folder, as the launcher makes it."""
    world = World.create(tmp_path_factory.mktemp("settings") / "world", [everybody.of_kind("POLICE")])
    world.release()
    return world.folder / GATEWAY


@pytest.fixture
def content(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "settings.toml").read_text())


def parsed(folder: Path, content: dict[str, Any]) -> Settings:
    return parse_settings(content, folder / "settings.toml")


def test_settings_that_the_launcher_writes_are_good(folder: Path) -> None:
    settings = load_settings(folder / "settings.toml")
    assert settings.key_store.file.is_absolute()
    keys = read_keys(settings.tls, settings.keys)
    assert keys.tls.organisation() == GATEWAY


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("database.url", "sqlite+aiosqlite://", "must be a file"),
        ("database.url", "postgresql+psycopg://ppg:secret@host/ppg", "password"),
        ("limits.intake_batch", 0, "greater than 0"),
        ("limits.colour", "red", "is not a setting"),
        ("directory.scheme_key_fingerprint", "short", "pattern"),
    ],
)
def test_bad_value_is_named_and_not_repeated(
    folder: Path, content: dict[str, Any], name: str, value: Any, said: str
) -> None:
    section, _, key = name.partition(".")
    content.setdefault(section, {})[key] = value
    with pytest.raises(SettingsError) as refused:
        parsed(folder, content)
    assert name in str(refused.value)
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "section", ["tls", "keys", "database", "key_store", "broker", "directory", "rulebook"]
)
def test_missing_section_is_refused(folder: Path, content: dict[str, Any], section: str) -> None:
    del content[section]
    with pytest.raises(SettingsError, match=f"{section}: is missing"):
        parsed(folder, content)


def test_process_that_cannot_start_says_why_in_one_line(folder: Path, content: dict[str, Any]) -> None:
    content["agreements"]["folder"] = "no-such-folder"
    bad = folder / "bad.toml"
    bad.write_text(render(content))
    command = [sys.executable, "-m", "gateway", "--config", str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert done.returncode == 78
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("the gateway does not start:")
    assert "no-such-folder" in lines[0]


def test_agreement_with_an_unknown_party_is_refused(everybody: Parties, tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "agreements" / "kent-dwp.yaml").read_text()
    known = everybody.of_kind("DWP")
    (tmp_path / "kent-dwp.yaml").write_text(text.replace(known, "atlantis-dwp"))
    with pytest.raises(WorldError, match="atlantis-dwp"):
        read_papers(tmp_path, Grounds(everybody.directory, everybody.world))


def test_rulebook_with_a_fault_is_refused(everybody: Parties, tmp_path: Path) -> None:
    (tmp_path / "version.yaml").write_text("colour: red\n")
    with pytest.raises(WorldError):
        load_world(tmp_path, everybody.directory)


def test_keys_other_than_the_directorys_are_refused(folder: Path, everybody: Parties) -> None:
    settings = load_settings(folder / "settings.toml")
    with pytest.raises(CredentialError):
        check_keys(read_keys(settings.tls, settings.keys), everybody.directory, NOW)
