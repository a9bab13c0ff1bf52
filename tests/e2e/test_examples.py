"""The worked examples of docs/integrate.md, run as an integrator would, against the running system."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from publicprotection.exchange.v1.decision_pb2 import DECISION_FLAG_SUPPLEMENTARY
from publicprotection.exchange.v1.hold_service_pb2 import ListHoldsRequest
from publicprotection.exchange.v1.inbox_service_pb2 import (
    ACKNOWLEDGEMENT_KIND_RECEIVED,
    ACKNOWLEDGEMENT_KIND_UNDERSTOOD,
    DeliverySummary,
)
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_DECIDED,
    OUTCOME_KIND_HOLD_DECLINED,
    OUTCOME_KIND_HOLD_GRANTED,
)

from deploy.local.browser import Browser
from deploy.local.identity import trust_of
from deploy.local.launcher import LocalSystem
from deploy.local.people import find_log_in
from deploy.local.world import World
from deploy.story.clients import DEADLINE_S, AgencyClient
from deploy.story.model import Story
from deploy.story.watching import Watcher
from tests.support.world import build, new_request_id, sending

LANGUAGES = ("python", "node", "shell")
ENQUIRER, ANSWERER, OWNER, UNIT = "kent-probation", "kent-childrens", "kent-police", "kent-mappa-unit"
FRONT_DOOR_TELEPHONE = "01632 960401"
NOT_CONFIRMED, LATER, NOTHING, ARGUMENTS = 2, 3, 4, 2


@dataclass(frozen=True)
class Examples:
    """The examples, called for an organisation of the world.

    Attributes:
        wallet: where callers keep certificates and tokens; outside the world, where no name may rest.
    """

    world: World
    folder: Path
    wallet: Path

    def enquire(self, language: str, request_id: str, *patience: str) -> subprocess.CompletedProcess[str]:
        options = [argument for seconds in patience for argument in ("--patience", seconds)]
        match language:
            case "python":
                return self.python("enquire.py", ENQUIRER, "--request-id", request_id, *options)
            case "node":
                return self.node("enquire.mjs", ENQUIRER, request_id, *patience)
            case _:
                return self.shell("enquire.sh", ENQUIRER, request_id, *patience)

    def receive(self, language: str, position: int, spool: Path) -> subprocess.CompletedProcess[str]:
        """Handle one delivery after a position."""
        file = spool / "position"
        file.write_text(str(position), encoding="utf-8")
        match language:
            case "python":
                return self.python("receive.py", ANSWERER, "--position", str(file), "--count", "1")
            case "node":
                return self.node("receive.mjs", ANSWERER, str(file), "1")
            case _:
                return self.shell("receive.sh", ANSWERER, str(spool))

    def python(self, name: str, organisation: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        where = ("--address", self.address(organisation), "--certificates", self.certificates(organisation))
        return self._run([sys.executable, f"python/{name}", *where, *arguments])

    def node(self, name: str, organisation: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        where = (self.address(organisation), self.certificates(organisation))
        return self._run(["node", f"node/{name}", *where, *arguments])

    def shell(self, name: str, organisation: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        interpreter = [sys.executable] if name.endswith(".py") else []
        where = {
            "AGENCY_ADDRESS": self.address(organisation),
            "AGENCY_CERTIFICATES": self.certificates(organisation),
            "PYTHON": sys.executable,
        }
        return self._run([*interpreter, f"{self.folder}/shell/{name}", *arguments], **where)

    def sign_in(self, organisation: str) -> None:
        """Whoever acts for the organisation signs in, and the example writes both tokens down."""
        log_in = find_log_in(self.world.identity.log_ins, organisation)
        provider = ("--provider", self.world.identity.issuer, "--client", organisation)
        where = ("--certificates", self.certificates(organisation))
        command = [sys.executable, "python/tokens.py", *provider, *where]
        trust = trust_of(self.world.agencies[organisation])
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, text=True) as asking:
            assert asking.stdout is not None
            browser = Browser(trust)
            arrived = browser.sign_in(asking.stdout.readline().strip(), log_in.person.user, log_in.password)
            assert httpx.get(arrived).is_success
            browser.close()
        assert asking.returncode == 0

    def address(self, organisation: str) -> str:
        return f"localhost:{self.world.agencies[organisation].port}"

    def certificates(self, organisation: str) -> str:
        kept = self.wallet / organisation
        if not kept.exists():
            shutil.copytree(self.world.agencies[organisation].folder / "client", kept)
        return str(kept)

    def _run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def examples(world: World, repository: Path, tmp_path: Path) -> Examples:
    found = Examples(world, repository / "examples", tmp_path / "wallet")
    for organisation in (ENQUIRER, ANSWERER, OWNER, UNIT):
        found.sign_in(organisation)
    return found


@pytest.fixture
def silent_answerer(system: LocalSystem) -> Iterator[None]:
    """The answering organisation's service is down."""
    system.processes[ANSWERER].stop()
    yield
    system.processes[ANSWERER].start()
    system.await_serving(ANSWERER)


def exchange_of(ended: subprocess.CompletedProcess[str]) -> str:
    """The exchange that an enquiry printed."""
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()[0].removeprefix("exchange ")


def kinds_of(thread: subprocess.CompletedProcess[str]) -> list[str]:
    """What happened, in the thread that was printed."""
    return [line.split()[0] for line in thread.stdout.splitlines()]


async def received(watcher: Watcher, organisation: str, exchange_id: str) -> list[DeliverySummary]:
    return await watcher.deliveries(organisation, exchange_id=exchange_id)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_enquiry_is_sent_once_and_confirmed(
    language: str, examples: Examples, watcher: Watcher
) -> None:
    request_id = new_request_id()

    first, again = (examples.enquire(language, request_id) for _ in range(2))

    assert exchange_of(first) == exchange_of(again)
    (delivery,) = await received(watcher, ANSWERER, exchange_of(first))
    assert (delivery.document_type, delivery.sender) == ("ChildSafeguardingEnquiry", ENQUIRER)
    assert "DECISION_OUTCOME_RELEASED" in first.stdout


async def test_a_preview_says_what_would_be_released_and_sends_nothing(examples: Examples) -> None:
    ended = examples.python("preview.py", ENQUIRER)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(f"{ANSWERER}: DECISION_OUTCOME_RELEASED\n  would get ")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_arrives_is_read_and_acknowledged(
    language: str, examples: Examples, watcher: Watcher, tmp_path: Path
) -> None:
    exchange_id = exchange_of(examples.enquire(language, new_request_id()))
    (arrived,) = await received(watcher, ANSWERER, exchange_id)

    ended = examples.receive(language, arrived.position - 1, tmp_path)

    assert ended.returncode == 0, ended.stderr
    (delivery,) = await received(watcher, ANSWERER, exchange_id)
    person_read_it = language != "shell"  # a script that files it may say no more than that it is here
    assert delivery.acknowledged == (
        ACKNOWLEDGEMENT_KIND_UNDERSTOOD if person_read_it else ACKNOWLEDGEMENT_KIND_RECEIVED
    )
    told = await watcher.acknowledged(ENQUIRER, exchange_id, delivery.delivery_id)
    assert told.recipient == delivery.recipient
    assert (tmp_path / "position").read_text(encoding="utf-8").strip() == str(arrived.position)


@pytest.mark.parametrize("language", ["python", "node"])
async def test_an_enquiry_is_answered_and_both_make_a_thread(
    language: str, examples: Examples, watcher: Watcher, tmp_path: Path
) -> None:
    asked = exchange_of(examples.enquire(language, new_request_id()))
    (arrived,) = await received(watcher, ANSWERER, asked)

    handled = examples.receive(language, arrived.position - 1, tmp_path).stdout
    answer = next(line.split()[-1] for line in handled.splitlines() if "answered:" in line)
    await watcher.settled(ANSWERER, answer, OUTCOME_KIND_DECIDED)

    (back,) = await received(watcher, ENQUIRER, answer)
    assert (back.document_type, back.in_reply_to) == ("ChildSafeguardingResponse", asked)
    thread = examples.python("thread.py", ENQUIRER, answer)
    assert sorted(kinds_of(thread)) == ["ACKNOWLEDGED", "RECEIVED", "RELEASED", "SENT"]
    assert thread.stdout.count(asked) == 4  # three entries of its own, and the one that answers it


async def test_a_script_files_the_document_with_its_proofs(
    examples: Examples, watcher: Watcher, tmp_path: Path
) -> None:
    exchange_id = exchange_of(examples.enquire("shell", new_request_id()))
    (arrived,) = await received(watcher, ANSWERER, exchange_id)

    examples.receive("shell", arrived.position - 1, tmp_path)

    file = tmp_path / f"{arrived.delivery_id}.json"
    filed = json.loads(file.read_text(encoding="utf-8"))["delivery"]
    assert filed["document"]["subject"]["name"] == {"family": "Quillfeather", "given": "Marlon"}
    assert filed["seal"].endswith("~")
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_refusal_says_which_field_is_at_fault(language: str, examples: Examples) -> None:
    ended = examples.enquire(language, "short")

    assert ended.returncode == 1
    assert "INVALID_REQUEST" in ended.stderr
    assert "header.request_id" in ended.stderr


@pytest.mark.usefixtures("silent_answerer")
def test_what_nobody_takes_in_is_not_confirmed_and_names_the_telephone(examples: Examples) -> None:
    for language in LANGUAGES:
        ended = examples.enquire(language, new_request_id(), "1")

        assert ended.returncode == NOT_CONFIRMED, ended.stderr
        assert f"NOT CONFIRMED: telephone {FRONT_DOOR_TELEPHONE}" in ended.stdout

    ended = examples.shell("call.py", ANSWERER, "InboxService/ListDeliveries", "--deadline", "3")

    assert ended.returncode == LATER
    assert json.loads(ended.stderr)["code"] == "UNAVAILABLE"


async def ask_owner(clients: Mapping[str, AgencyClient], watcher: Watcher, story: Story) -> tuple[str, str]:
    """Send what waits for its owner; the exchange, and the hold that the owner is asked to lift."""
    acceptance = await clients[ENQUIRER].send(*build(sending(story, "contribution")))
    holds = await watcher.holds(OWNER, acceptance.exchange_id)
    return acceptance.exchange_id, holds[0].held.hold_id


async def test_a_hold_is_listed_and_granted(
    examples: Examples, clients: Mapping[str, AgencyClient], watcher: Watcher, story: Story
) -> None:
    exchange_id, hold_id = await ask_owner(clients, watcher, story)
    listed = examples.python("holds.py", OWNER)

    ended = examples.python("holds.py", OWNER, "--grant", hold_id, "--reason", "The meeting needs it.")

    assert f"{hold_id} AgencyContribution from {ENQUIRER}, exchange {exchange_id}" in listed.stdout
    assert "MAPPA-22.20" in listed.stdout
    assert ended.returncode == 0, ended.stderr
    granted = await watcher.settled(ENQUIRER, exchange_id, OUTCOME_KIND_HOLD_GRANTED)
    decisions = [decision for outcome in granted.outcomes for decision in outcome.decisions]
    assert any(DECISION_FLAG_SUPPLEMENTARY in decision.flags for decision in decisions)
    assert kinds_of(examples.python("thread.py", UNIT, exchange_id)) == ["RECEIVED", "RECEIVED"]
    assert kinds_of(examples.python("thread.py", ENQUIRER, exchange_id)) == ["SENT", "RELEASED", "RELEASED"]


async def test_a_hold_is_declined_from_the_shell(
    examples: Examples, clients: Mapping[str, AgencyClient], watcher: Watcher, story: Story
) -> None:
    exchange_id, hold_id = await ask_owner(clients, watcher, story)
    answer = {
        "hold_id": hold_id,
        "request_id": new_request_id(),
        "author": {"name": "Rufus Oakenshaw", "role": "POLICE_OFFENDER_MANAGER"},
        "reason": "She does not agree.",
    }

    ended = examples.shell("call.py", OWNER, "HoldService/DeclineHold", json.dumps(answer))

    assert ended.returncode == 0, ended.stderr
    await watcher.settled(ENQUIRER, exchange_id, OUTCOME_KIND_HOLD_DECLINED)
    open_holds = await clients[OWNER].holds.ListHolds(ListHoldsRequest(), timeout=DEADLINE_S)
    assert hold_id not in {hold.held.hold_id for hold in open_holds.holds}


def test_a_hold_that_is_not_there_is_refused(examples: Examples) -> None:
    ended = examples.python("holds.py", OWNER, "--grant", "nothing", "--reason", "None.")

    assert ended.returncode == 1
    assert "NOT_FOUND" in ended.stderr


def test_the_shell_client_lists_what_its_own_agency_may_send(examples: Examples) -> None:
    ended = examples.shell("call.py", ANSWERER)

    methods = [json.loads(line)["method"] for line in ended.stdout.splitlines()]
    roles = {name for name in methods if name.startswith("publicprotection.") and ".exchange." not in name}
    assert "publicprotection.childrens.v1.ChildrensService/SendChildSafeguardingResponse" in roles
    assert {name.split(".")[1] for name in roles} == {"childrens"}
    assert "publicprotection.exchange.v1.ThreadService/GetThread" in methods


@pytest.mark.parametrize(
    ("method", "request_", "status"),
    [
        ("InboxService/GetDelivery", '{"delivery_id": "nothing"}', NOTHING),
        ("InboxService/NoSuchMethod", "{}", ARGUMENTS),
        ("InboxService/GetDelivery", '{"no_such_field": 1}', ARGUMENTS),
        ("InboxService/GetDelivery", "{}", 1),
        ("InboxService/ListDeliveries", '{"page_size": 1}', 0),
    ],
)
def test_the_shell_client_says_by_its_status_what_happened(
    examples: Examples, method: str, request_: str, status: int
) -> None:
    assert examples.shell("call.py", ANSWERER, method, request_).returncode == status
