"""A whole process from settings to stop, on a real store and server; the broker is in memory."""

import asyncio
from base64 import urlsafe_b64encode
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.organisation_pb2 import (
    ORGANISATION_KIND_OTHER,
    ORGANISATION_KIND_POLICE,
    OrganisationKind,
)
from publicprotection.exchange.v1.directory_service_pb2 import Directory as SignedDirectory

from deploy.certificates import CertificateAuthority, write_private
from services.kit.agency import Foundation, Parts, Task, TaskEndedError, run_agency
from services.kit.bus.memory import MemoryBroker, MemoryBus
from services.kit.bus.port import BusPort
from services.kit.credentials import read_signing_key
from services.kit.directory import sign_directory
from services.kit.evidence.canonical import canonical, parse_strictly
from services.kit.evidence.keys import DecryptionKey, SigningKey
from services.kit.exchange.notices import payload_of
from services.kit.identity import IdentityError
from services.kit.launcher import CANNOT_START, launch, load_profile
from services.kit.profile import ProfileError
from services.kit.settings import Settings, SettingsError, parse_settings
from services.partner.profile import PROFILE
from tests.support.agency_server import OTHER, OWN, RecordingSubmitter, publish, write_directory
from tests.support.identity import issuer, list_shared

KIND = ORGANISATION_KIND_OTHER
# The tasks given here use no broker.
NO_QUEUES: dict[str, Any] = dict.fromkeys(("queues", "bindings", "permissions", "topic_permissions"), ())


def write_settings(
    folder: Path, *, kind: OrganisationKind.ValueType = KIND, certified: str = OWN, published: bool = True
) -> Settings:
    """Everything a process needs, in files."""
    files = CertificateAuthority.create().issue_files(folder, "tls", certified)
    signing, decryption = SigningKey.generate(owner=OWN), DecryptionKey.generate(owner=OWN)
    scheme = SigningKey.generate(owner="scheme")
    directory = write_directory(kind)
    if published:
        del directory.organisations[0].keys[:]
        directory.organisations[0].keys.extend([publish(signing), publish(decryption)])
    write_private(folder / "signing.jwk", canonical(signing.to_jwk()))
    write_private(folder / "encryption.jwk", canonical(decryption.to_jwk()))
    write_private(folder / "at-rest", urlsafe_b64encode(bytes(range(32))))
    write_private(folder / "scheme.jwk", canonical(scheme.public.to_jwk()))
    write_private(folder / "scheme.private.jwk", canonical(scheme.to_jwk()))
    write_private(folder / "directory.jws", sign_directory(directory, scheme).encode())
    content: dict[str, Any] = {
        "organisation": OWN,
        "tls": {
            "certificate_file": str(files.certificate),
            "key_file": str(files.key),
            "authority_file": str(files.authority),
        },
        "keys": {
            "signing_file": "signing.jwk",
            "encryption_files": ["encryption.jwk"],
            "at_rest_file": "at-rest",
        },
        "store": {"url": f"sqlite+aiosqlite:///{folder / 'agency.db'}"},
        "broker": {"host": "localhost", "user": OWN, "password_file": "p", "ca_file": "authority.crt"},
        "directory": {
            "file": "directory.jws",
            "scheme_key_file": "scheme.jwk",
            "scheme_key_fingerprint": scheme.kid,
            "serial_file": "serial",
        },
        "gateway": {"address": "127.0.0.1:1"},
        "identity": {
            "issuers": [issuer().settings([OWN]).model_dump(mode="json", exclude_none=True)],
            "client": {"client_id": OWN, "token_url": "https://127.0.0.1:1/token"},
        },
        "limits": {"shutdown_grace_s": 0.1},
    }
    return parse_settings(content, folder / "settings.toml")


async def connect(_settings: Settings, stack: AsyncExitStack) -> BusPort:
    return await stack.enter_async_context(MemoryBus(MemoryBroker(NO_QUEUES), OWN))


def assemble(tasks: list[Task], seen: list[Foundation], foundation: Foundation) -> Parts:
    seen.append(foundation)
    return Parts(RecordingSubmitter(), list_shared(), tasks)


async def test_a_process_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    stop, ended, seen = asyncio.Event(), asyncio.Event(), list[Foundation]()

    async def work() -> None:
        try:
            stop.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    settings = write_settings(tmp_path)
    async with asyncio.timeout(20):
        await run_agency(PROFILE, settings, partial(assemble, [work], seen), stop=stop, connect=connect)
    assert ended.is_set()
    assert seen[0].trust.directory.serial == 7
    assert (tmp_path / "serial").read_text().strip() == "7"


async def test_a_running_process_reads_a_newer_directory_when_asked(tmp_path: Path) -> None:
    stop, reload, seen = asyncio.Event(), asyncio.Event(), list[Foundation]()
    settings = write_settings(tmp_path)

    async def work() -> None:
        trust = seen[0].trust
        changed = asyncio.Event()
        trust.watch(changed.set)
        reissue(settings)
        reload.set()
        await changed.wait()
        stop.set()
        await asyncio.Event().wait()

    run = run_agency(
        PROFILE, settings, partial(assemble, [work], seen), stop=stop, reload=reload, connect=connect
    )
    await asyncio.wait_for(run, 20)
    assert seen[0].trust.directory.serial == 8
    assert (tmp_path / "serial").read_text().strip() == "8"


def reissue(settings: Settings) -> None:
    """The same directory under the next serial, by the same scheme."""
    directory = settings.directory
    message = ParseDict(parse_strictly(payload_of(directory.file.read_text())), SignedDirectory())
    message.serial += 1
    scheme = read_signing_key(directory.file.with_name("scheme.private.jwk"), "scheme")
    write_private(directory.file, sign_directory(message, scheme).encode())


async def test_a_task_that_ends_ends_the_process(tmp_path: Path) -> None:
    async def end() -> None:
        return

    run = run_agency(
        PROFILE, write_settings(tmp_path), partial(assemble, [end], []), stop=asyncio.Event(), connect=connect
    )
    with pytest.raises(TaskEndedError):
        await asyncio.wait_for(run, 20)


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        ({"kind": ORGANISATION_KIND_POLICE}, "the role partner does not serve"),
        ({"certified": OTHER}, "names another organisation"),
        ({"published": False}, "no usable keys"),
    ],
)
async def test_a_process_that_is_not_who_it_says_does_not_start(
    tmp_path: Path, odd: dict[str, Any], words: str
) -> None:
    settings = write_settings(tmp_path, **odd)
    with pytest.raises(IdentityError, match=words):
        await run_agency(PROFILE, settings, partial(assemble, [], []), stop=asyncio.Event(), connect=connect)
    assert not (tmp_path / "agency.db").exists()


async def test_a_key_that_others_can_read_does_not_start(tmp_path: Path) -> None:
    settings = write_settings(tmp_path)
    (tmp_path / "signing.jwk").chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        await run_agency(PROFILE, settings, partial(assemble, [], []), stop=asyncio.Event(), connect=connect)


@pytest.mark.parametrize("role", ["kit", "nowhere"])
def test_only_a_folder_with_a_profile_is_a_role(role: str) -> None:
    with pytest.raises(ProfileError, match="there is no role"):
        load_profile("services", role)
    assert load_profile("services", "partner") is PROFILE


def test_what_cannot_start_says_so_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["partner", "--config", str(tmp_path / "none.toml")]
    assert launch(arguments, package="services", assemble=partial(assemble, [], [])) == CANNOT_START
    assert "partner cannot start" in capsys.readouterr().err
