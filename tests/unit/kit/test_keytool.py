"""The commands by which an operator makes and lists keys."""

import argparse
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.kit.bus.settings import BusSettings
from services.kit.credentials import CredentialError
from services.kit.evidence.keys import EncryptionKey, VerifyingKey
from services.kit.key_files import KeysInUseError, OwnKeyFiles
from services.kit.keytool import agency
from services.kit.keytool.commands import KeyHolder, add_actions
from services.kit.keytool.files import KeyFileError, alone_with, destroy_file, find_file
from tests.support.renewing import NOW, OWN, Published, Scheme, decryption, signing

SINCE_NOW = datetime.now(UTC) - NOW
DAY = timedelta(days=1)


@pytest.fixture
def scheme(tmp_path: Path) -> Scheme:
    return Scheme(tmp_path)


def run(scheme: Scheme, *arguments: str) -> int:
    def hold(_: Path) -> KeyHolder:
        broker = BusSettings(host="localhost", user=OWN, password_file=Path("p"), ca_file=Path("c"))
        return KeyHolder(OWN, scheme.key_files, scheme.settings, broker, lambda _: [])

    parser = argparse.ArgumentParser()
    add_actions(parser.add_subparsers(required=True), hold)
    action, *values = arguments
    last = ["--", *values] if values else []  # an id may begin with a hyphen
    options = parser.parse_args([action, "--config", "settings.toml", *last])
    return int(options.run(options))


@pytest.mark.parametrize(("use", "kind"), [("signing", VerifyingKey), ("encryption", EncryptionKey)])
def test_a_new_key_is_private_usable_and_printed_for_the_scheme(
    scheme: Scheme,
    capsys: pytest.CaptureFixture[str],
    use: str,
    kind: type[VerifyingKey] | type[EncryptionKey],
) -> None:
    assert run(scheme, "new", use) == 0
    printed = capsys.readouterr().out
    said = json.loads(printed)
    assert kind.from_jwk(said["jwk"], owner=said["owner"]).kid == said["key_id"]
    assert (said["owner"], said["use"]) == (OWN, use)
    (path,) = (scheme.folder / "keys").glob("*.jwk")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    ring = scheme.key_files.read(OWN)
    assert [key.kid for key in (*ring.signing, *ring.decryption)] == [said["key_id"]]
    assert json.loads(path.read_text())["d"] not in printed


def test_keys_are_listed_with_what_the_directory_says_of_them(
    scheme: Scheme, capsys: pytest.CaptureFixture[str]
) -> None:
    now = SINCE_NOW  # the command reads the machine's clock
    good, old, stolen, late, unknown = signing(), decryption(), signing(), decryption(), signing()
    for key in (good, old, stolen, late, unknown):
        scheme.put(key)
    scheme.publish(
        Published(good),
        Published(old, until=now - DAY),
        Published(stolen, revoked=now - DAY),
        Published(late, since=now + DAY),
    )
    assert run(scheme, "list") == 0
    printed = capsys.readouterr().out
    states = {line.split("  ")[0]: line.rsplit("  ", 1)[1] for line in printed.splitlines()}
    assert states == {
        good.kid: "valid",
        old.kid: "expired",
        stolen.kid: "revoked",
        late.kid: "not yet valid",
        unknown.kid: "not in the directory",
    }
    assert not any(key.to_jwk()["d"] in printed for key in (good, stolen, unknown))


def test_destroying_what_is_in_use_is_refused_with_the_reason(
    scheme: Scheme, capsys: pytest.CaptureFixture[str]
) -> None:
    key = signing()
    scheme.put(key)
    scheme.publish(Published(key))
    assert run(scheme, "destroy", key.kid) == 1
    assert "others use the key until" in capsys.readouterr().err
    assert find_file(scheme.folder / "keys", key.kid).exists()


def test_an_old_signing_key_goes_without_asking_the_broker(scheme: Scheme) -> None:
    key = signing()
    scheme.put(key)
    scheme.publish(Published(key, until=SINCE_NOW - DAY))
    assert run(scheme, "destroy", key.kid) == 0
    with pytest.raises(KeyFileError, match="has no key"):
        find_file(scheme.folder / "keys", key.kid)


def test_no_process_starts_while_a_key_is_being_destroyed(scheme: Scheme) -> None:
    with alone_with(scheme.folder / "keys"), pytest.raises(KeysInUseError), scheme.key_files.held():
        pytest.fail("it started")


def test_a_process_whose_key_folder_is_away_says_so(tmp_path: Path) -> None:
    keys = OwnKeyFiles(folder=tmp_path / "none")
    with pytest.raises(CredentialError, match="Let this process write"), keys.held():
        pytest.fail("it started")


def test_a_file_that_cannot_be_destroyed_says_so(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="could not be destroyed"):
        destroy_file(tmp_path / "none.jwk")


def test_an_agencys_command_names_the_fault_of_its_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert agency.run_keys(["list", "--config", str(tmp_path / "none.toml")], package="services") == 2
    assert "cannot be read" in capsys.readouterr().err
