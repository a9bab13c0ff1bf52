"""The answer to a subject access request, made on the running system, as whoever receives it may check it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import grpc.aio
import pytest

from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from deploy.story.clients import AgencyClient
from deploy.story.model import Story, SubjectAccess
from deploy.story.played import PlayedAccess, PlayedStory
from deploy.story.subject_access import AccessPlayer
from gateway.cli.commands import main
from tests.support.world import PATIENCE_S, new_request_id, today

KILLING = {"LocateData", "CollectItems", "AnswerAccessEnquiry", "MaskTexts", "ApproveResponse"}
PROBATION, PRISON, GATEWAY = "kent-probation", "marlfield-prison", "gateway"


@pytest.fixture
def answer(played: PlayedStory) -> PlayedAccess:
    return next(step.access for step in played.steps if step.access is not None)


def check(world: World, answer: PlayedAccess, folder: Path, pdf: bytes) -> int:
    (folder / "answer.json").write_bytes(answer.file)
    (folder / "answer.pdf").write_bytes(pdf)
    scheme = world.scheme
    trust = ["--scheme-key", str(scheme.public_key), "--fingerprint", scheme.fingerprint]
    return main(["verify", str(folder / "answer.json"), "--pdf", str(folder / "answer.pdf"), *trust])


def test_it_verifies_offline_with_its_letter_and_with_no_other(
    world: World, answer: PlayedAccess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(world, answer, tmp_path, answer.pdf) == 0
    assert "signed by kent-probation" in capsys.readouterr().out
    assert check(world, answer, tmp_path, answer.pdf + b"\n") == 1
    assert "NOT PROVEN" in capsys.readouterr().out


def test_it_is_signed_over_its_own_content_alone(answer: PlayedAccess) -> None:
    """Neither seals nor digests of what was not given: nothing in the file tells that there is more."""
    file = json.loads(answer.file)
    assert set(file) == {"type", "v", "pack", "pdf_sha256", "signature", "directory"}
    assert file["signature"].count("..") == 1
    assert "~" not in file["signature"]


def test_owners_were_asked_and_everybody_else_is_masked(answer: PlayedAccess) -> None:
    assert set(answer.owners) == {"marlfield-prison", "kent-childrens"}
    text = json.dumps(answer.pack, ensure_ascii=False)
    assert "\u2588\u2588\u2588\u2588\u2588" in text
    assert [name for name in ("Pennyroyal", "Wrenfield", "Larkspur") if name in text] == []


class Killing(AccessPlayer):
    """Plays a request while processes that take part are killed, and started again, after each step."""

    def __init__(self, system: LocalSystem, clients: Mapping[str, AgencyClient]) -> None:
        super().__init__(clients, today(), PATIENCE_S)
        self._system = system

    async def call(self, method: Callable[..., Awaitable[Any]], request: Any) -> Any:
        """Kills everybody once the call is answered; a service that is not back yet is called again."""
        answer = await insist(lambda: super(Killing, self).call(method, request))
        if type(request).__name__.removesuffix("Request") in KILLING:
            for name in (GATEWAY, PROBATION, PRISON):
                self._system.processes[name].kill()
                self._system.processes[name].start()
            await asyncio.to_thread(self._system.await_serving)
        return answer


async def insist(call: Callable[[], Awaitable[Any]]) -> Any:
    for _ in range(100):
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            await asyncio.sleep(0.2)
    raise TimeoutError


@pytest.mark.large
@pytest.mark.timeout(400)
async def test_killing_every_process_after_every_step_changes_nothing(
    system: LocalSystem,
    story: Story,
    played: PlayedStory,
    answer: PlayedAccess,
    clients: Mapping[str, AgencyClient],
) -> None:
    assert played.as_stated
    said = next(step.subject_access for step in story.steps if step.subject_access is not None)
    assert isinstance(said, SubjectAccess)

    again = await Killing(system, clients).play(said, new_request_id())

    assert again.pack["disclosures"] == answer.pack["disclosures"]
    assert again.pack["documents"] == answer.pack["documents"]
