"""`ppg doctor` on a set-up that is whole but not running, in which one thing after another is broken."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from deploy.certificates import CertificateAuthority, Usage, write_private
from deploy.local.scheme import Scheme, end_key, revoke_key
from deploy.local.world import World
from deploy.story.model import read_story
from gateway.cli.commands import main
from gateway.cli.doctor import diagnose, read_patient
from gateway.settings import Settings as GatewaySettings
from services.identity.settings import Settings as ProviderSettings
from services.kit.console_settings import Settings as ConsoleSettings
from services.kit.doctor.examination import CHECKS, examine
from services.kit.doctor.finding import Finding, Verdict
from services.kit.settings import Settings as KitSettings
from services.kit.settings_files import Holds, kind_of, list_files

OWN = "kent-police"
RUNNING = {"broker", "gateway", "process", "database", "clock", "identity", "token"}
"""What is not there, since nothing of this world runs."""

LOCAL = tuple(check for check in CHECKS if check.name not in RUNNING)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.create(tmp_path / "world", read_story().cast)
    yield made
    made.release()


def tell(findings: list[Finding], verdict: Verdict) -> list[str]:
    return [f"{each.check}: {each.says}" for each in findings if each.verdict is verdict]


def faults(world: World, owner: str = OWN) -> list[str]:
    patient = read_patient(world.folder / owner / "settings.toml")
    return tell(examine(patient, LOCAL), Verdict.FAIL)


@pytest.mark.parametrize("owner", [OWN, "gateway"])
def test_a_good_set_up_has_no_fault_but_that_nothing_runs(world: World, owner: str) -> None:
    findings = diagnose(world.folder / owner / "settings.toml")

    assert {each.check for each in findings if each.verdict is not Verdict.PASS} <= RUNNING
    assert {"files", "certificate", "directory", "keys"} <= {each.check for each in findings}


def test_what_does_not_run_is_said_in_words(world: World) -> None:
    findings = diagnose(world.folder / OWN / "settings.toml")

    assert any("broker: nothing listens on localhost:" in line for line in tell(findings, Verdict.FAIL))
    assert any("gateway: nothing listens on 127.0.0.1:" in line for line in tell(findings, Verdict.FAIL))
    assert any("process: does not run" in line for line in tell(findings, Verdict.WARN))
    assert any("store.db: is not there yet" in line for line in tell(findings, Verdict.WARN))


def open_to_all(world: World) -> None:
    (world.folder / OWN / "broker.password").chmod(0o640)


def remove_key(world: World) -> None:
    (world.folder / OWN / "at-rest.key").unlink()


def reissue(
    world: World, organisation: str = OWN, authority: CertificateAuthority | None = None, days: float = 30
) -> None:
    """Another certificate in the place of the service's own; the authority file stays."""
    by = replace(authority or world.authority, lifetime=timedelta(days=days))
    certificate, key = by.issue("service", organisation, usage=Usage())
    write_private(world.folder / OWN / "tls/service.crt", certificate)
    write_private(world.folder / OWN / "tls/service.key", key)


def swap_key(world: World) -> None:
    _, key = world.authority.issue("service", OWN)
    write_private(world.folder / OWN / "tls/service.key", key)


def spoil_certificate(world: World) -> None:
    write_private(world.folder / OWN / "tls/service.crt", b"no PEM")


def kid_of(world: World, use: str) -> str:
    ring = read_patient(world.folder / OWN / "settings.toml").keys.read(OWN)
    return {"signing": ring.signing[0].kid, "encryption": ring.decryption[0].kid}[use]


def revoke(world: World) -> None:
    Scheme(world.folder / "directory").issue(revoke_key(kid_of(world, "signing")))


def end(world: World) -> None:
    Scheme(world.folder / "directory").issue(end_key(kid_of(world, "signing")))


def lose_encryption_key(world: World) -> None:
    (world.folder / OWN / "keys/encryption.jwk").unlink()


def forge(world: World) -> None:
    """A directory that another key signed."""
    other = World.create(world.folder.parent / "other", read_story().cast)
    other.release()
    write_private(world.scheme.directory, other.scheme.directory.read_bytes())


def swap_scheme(world: World) -> None:
    other = World.create(world.folder.parent / "other", read_story().cast)
    other.release()
    write_private(world.scheme.public_key, other.scheme.public_key.read_bytes())


def step_back(world: World) -> None:
    (world.folder / OWN / "directory.serial").write_text("7\n")


BREAKS: dict[str, tuple[Callable[[World], object], str]] = {
    "a secret that others may read": (open_to_all, "files: broker.password_file: "),
    "a key that is not there": (remove_key, "at-rest.key: does not exist. Put it in place"),
    "the wrong authority": (
        lambda world: reissue(world, authority=CertificateAuthority.create()),
        "no authority in",
    ),
    "another's certificate": (
        lambda world: reissue(world, "kent-probation"),
        "names kent-probation, and not kent-police: have one issued for kent-police",
    ),
    "an expired certificate": (lambda world: reissue(world, days=-0.001), "expired 20"),
    "another key": (swap_key, "is not the key of"),
    "a certificate that is none": (spoil_certificate, "holds no PEM certificate"),
    "a revoked key": (revoke, "keys: the signing key is revoked: make one with `keys new`"),
    "an ended key": (end, "keys: the signing key has expired: make one with `keys new`"),
    "a lost key": (
        lose_encryption_key,
        "keys: others write, by the directory, to a key whose file is not here",
    ),
    "a directory that another signed": (forge, "directory: the directory does not verify (key_unknown)"),
    "another scheme": (swap_scheme, "directory: the scheme key is not the one pinned in the settings"),
    "an older directory": (step_back, "directory: the directory has serial 1, and 7 was in use before"),
}


@pytest.mark.parametrize("broken", BREAKS)
def test_each_thing_that_is_broken_is_said_in_words(world: World, broken: str) -> None:
    assert faults(world) == []
    act, sentence = BREAKS[broken]

    act(world)

    found = faults(world)
    assert any(sentence in line for line in found), found


def test_a_secret_that_others_may_read_comes_with_the_command_to_run(world: World) -> None:
    open_to_all(world)
    path = world.folder / OWN / "broker.password"

    assert faults(world) == [
        f"files: broker.password_file: {path}: others may read this secret. Run: chmod 600 {path}"
    ]


def test_what_is_about_to_end_is_a_warning(world: World) -> None:
    reissue(world, days=10)
    late = read_patient(world.folder / OWN / "settings.toml")
    late = replace(late, now=late.now + timedelta(days=8))
    much_later = replace(late, now=late.now + timedelta(days=77))

    warned = tell(examine(late, LOCAL), Verdict.WARN)
    assert any("certificate: " in line and "ends 20" in line for line in warned)
    warned = tell(examine(much_later, LOCAL), Verdict.WARN)
    assert any("directory: serial 1 ends" in line for line in warned)
    assert any("keys: the last signing key ends" in line for line in warned)


def test_a_stale_directory_fails(world: World) -> None:
    patient = read_patient(world.folder / OWN / "settings.toml")
    patient = replace(patient, now=patient.now + timedelta(days=91))

    assert any(
        "directory: the directory has been stale since" in line
        for line in tell(examine(patient, LOCAL), Verdict.FAIL)
    )


def test_a_clock_that_is_behind_what_has_happened_is_found(world: World) -> None:
    patient = read_patient(world.folder / OWN / "settings.toml")
    patient = replace(patient, now=patient.now - timedelta(hours=2), readings=[])

    found = tell(examine(patient), Verdict.FAIL)

    assert any("clock: this machine's clock is at least 7" in line for line in found), found
    assert any("behind the directory's issue: set it right" in line for line in found), found


def test_settings_that_cannot_be_read_are_the_one_finding(world: World) -> None:
    path = world.folder / OWN / "settings.toml"
    path.write_text(path.read_text() + "\n[nonsense]\nkey = 1\n")

    assert [each.says for each in diagnose(path)] == [
        f"{path}: nonsense: is not a setting: remove it, or correct its spelling"
    ]
    assert "cannot be read" in diagnose(path.with_name("absent.toml"))[0].says


def test_it_changes_nothing(world: World) -> None:
    before = list_state(world.folder)

    diagnose(world.folder / OWN / "settings.toml")
    diagnose(world.folder / "gateway" / "settings.toml")

    assert list_state(world.folder) == before


def list_state(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_it_prints_lines_or_json_and_its_status_says_whether_anything_failed(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    config = str(world.folder / OWN / "settings.toml")

    assert main(["doctor", "--config", config]) == 1
    assert "pass  certificate " in capsys.readouterr().out
    assert main(["doctor", "--config", config, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["well"] is False
    assert {"check", "verdict", "says"} == set(told["findings"][0])


def test_no_secret_is_printed(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    secrets = [
        path.read_text(errors="replace").strip()
        for path in world.folder.rglob("*")
        if path.suffix in (".password", ".key", ".jwk") and path.is_file()
    ]
    for act, _ in BREAKS.values():
        act(world)
        main(["doctor", "--config", str(world.folder / OWN / "settings.toml")])

    printed = capsys.readouterr()
    assert len(secrets) > 20
    assert not [secret for secret in secrets if secret and secret in printed.out + printed.err]


@pytest.mark.parametrize("owner", [OWN, "gateway"])
def test_each_entry_that_names_a_file_says_what_stands_in_it(world: World, owner: str) -> None:
    settings = read_patient(world.folder / owner / "settings.toml").settings
    named = {each.entry: kind_of(each.entry) for each in list_files(settings)}

    assert None not in named.values()
    assert named["broker.password_file"] is named["tls.key_file"] is Holds.SECRET
    assert named["directory.scheme_key_file"] is Holds.PUBLIC


@pytest.mark.parametrize("model", [KitSettings, GatewaySettings, ProviderSettings, ConsoleSettings])
def test_every_entry_of_the_models_that_names_a_file_is_in_the_table(model: type[BaseModel]) -> None:
    entries = list(path_entries(model))

    assert "tls.key_file" in entries
    assert [entry for entry in entries if kind_of(entry) is None] == []


def path_entries(annotation: object, at: str = "") -> Iterator[str]:
    """Where a model, and what it is made of, has a path: `table.name`."""
    if annotation is Path:
        yield at
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from path_entries(field.annotation, f"{at.rpartition('.')[2]}.{name}".lstrip("."))
    else:
        for inner in get_args(annotation):
            yield from path_entries(inner, at)
