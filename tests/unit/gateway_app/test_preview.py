"""A preview gives the answer that sending would give, records the question, and lets nothing leave."""

import json
from datetime import timedelta

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.decision_pb2 import DECISION_OUTCOME_REFUSED, DECISION_OUTCOME_RELEASED
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.outcome_pb2 import Outcome
from publicprotection.exchange.v1.preview_service_pb2 import PreviewExchangeRequest, PreviewExchangeResponse

from deploy.story.documents import build_document, build_header
from deploy.story.model import read_story
from gateway.app.envelopes import Unusable
from gateway.app.preview import DirectoryStaleError, Previewer, PreviewUnusableError
from services.kit.access.actor import Actor, Role, Scope, System, acting
from services.kit.directory import GATEWAY
from services.kit.exchange.errors import PreviewRejectedError
from services.kit.exchange.notices import sign_outcome, verify_outcome
from services.kit.exchange.preview_service import PreviewServicer, index_paths
from services.kit.rpc.errors import InvalidRequestError, UnavailableError
from tests.support.gateway import NOW, TODAY, Gateway
from tests.support.identity import as_person


def story_step(name: str) -> tuple[Header, Message, str]:
    send = next(step.send for step in read_story().steps if step.id == name)
    assert send is not None
    header = build_header(send, TODAY, request_id="preview-test-1", in_reply_to=None)
    return header, build_document(send, TODAY), send.sender.partition("/")[0]


def pack(header: Header, document: Message) -> PreviewExchangeRequest:
    packed = AnyMessage()
    packed.Pack(document)
    return PreviewExchangeRequest(header=header, document=packed)


async def ask(gateway: Gateway, sender: str, request: PreviewExchangeRequest) -> PreviewExchangeResponse:
    previewer = Previewer(gateway.store, gateway.tools)

    async def question(packet: str) -> str:
        return await previewer.preview(sender, packet)

    servicer = PreviewServicer(gateway.parties.participant(sender), question)
    return await call(servicer, sender, request)


async def call(
    servicer: PreviewServicer, sender: str, request: PreviewExchangeRequest
) -> PreviewExchangeResponse:
    """Asks as the author whom the request states, whom the guard would have authenticated."""
    author = request.header.author
    person = as_person(sender, name=author.name, job=author.role)
    with acting(Actor(System(sender, "case-system"), Role.PRACTITIONER, person, Scope.DESK)):
        return await servicer.PreviewExchange(request, None)  # type: ignore[arg-type]


async def test_a_preview_says_what_sending_would(gateway: Gateway) -> None:
    header, document, sender = story_step("restrictions")
    shown = await ask(gateway, sender, pack(header, document))

    await gateway.take(gateway.seal(sender, header, document).arrival)
    outcomes, _ = await gateway.received(sender)
    [sent] = [outcome for outcome in outcomes if outcome.decisions]
    for previewed, decided in zip(shown.decisions, sent.decisions, strict=True):
        assert previewed.outcome == decided.outcome == DECISION_OUTCOME_RELEASED
        assert {each.category for each in previewed.withheld} == {each.category for each in decided.withheld}
        assert {each.rule for each in previewed.rules} == {each.rule for each in decided.rules}


async def test_a_preview_names_list_elements_as_the_caller_does(gateway: Gateway) -> None:
    header, document, sender = story_step("restrictions")
    shown = await ask(gateway, sender, pack(header, document))
    whole, part = shown.decisions
    assert "document.restrictions[1].terms" in whole.released
    assert {"document.offences[0].description"} <= {path for each in part.withheld for path in each.paths}


async def test_a_question_that_comes_again_is_refused_and_not_recorded_again(gateway: Gateway) -> None:
    header, document, sender = story_step("restrictions")
    previewer, asked = Previewer(gateway.store, gateway.tools), list[str]()

    async def question(packet: str) -> str:
        asked.append(packet)
        return await previewer.preview(sender, packet)

    servicer = PreviewServicer(gateway.parties.participant(sender), question)
    await call(servicer, sender, pack(header, document))
    with pytest.raises(PreviewUnusableError, match="PREVIEWED_BEFORE"):
        await previewer.preview(sender, asked[0])
    assert len(await gateway.records("PREVIEW")) == 1


async def test_a_refusal_says_what_to_send_instead(gateway: Gateway) -> None:
    header, document, sender = story_step("section-42")
    [decision] = (await ask(gateway, sender, pack(header, document))).decisions
    assert decision.outcome == DECISION_OUTCOME_REFUSED
    assert decision.instead.document_type == "AdviceRequest"


async def test_what_would_wait_names_who_can_lift_it(gateway: Gateway) -> None:
    header, document, sender = story_step("contribution")
    [decision] = (await ask(gateway, sender, pack(header, document))).decisions
    [held] = decision.held
    assert (held.prerequisite, held.organisation) == ("OWNER_AGREES", gateway.parties.of_kind("POLICE"))
    assert not held.hold_id


async def test_nothing_leaves_and_the_question_is_on_record(gateway: Gateway) -> None:
    header, document, sender = story_step("restrictions")
    shown = await ask(gateway, sender, pack(header, document))

    [row] = await gateway.records()
    assert (row.type, row.record_hash) == ("PREVIEW", shown.record_hash)
    assert json.loads(row.entry or "")["outcomes"] == ["RELEASED", "RELEASED"]
    assert "Quillfeather" not in str(row.entry)
    for organisation in gateway.parties.directory.organisations:
        assert await gateway.packets(organisation) == []


async def test_a_preview_is_never_taken_as_an_exchange(gateway: Gateway) -> None:
    header, document, sender = story_step("restrictions")
    sent: list[str] = []

    async def keep(packet: str) -> str:
        sent.append(packet)
        raise UnavailableError

    servicer = PreviewServicer(gateway.parties.participant(sender), keep)
    with pytest.raises(UnavailableError):
        await call(servicer, sender, pack(header, document))

    sealed = gateway.seal(sender, header, document).arrival
    replayed = type(sealed)(sender, sender, sent[0].encode())
    assert await gateway.take(replayed) == [Unusable("SEALED_AS_PREVIEW")]
    with pytest.raises(PreviewUnusableError, match="SEALED_AS_EXCHANGE"):
        await Previewer(gateway.store, gateway.tools).preview(sender, sealed.body.decode())
    with pytest.raises(PreviewUnusableError, match="SEAL_OF_ANOTHER_ORGANISATION"):
        await Previewer(gateway.store, gateway.tools).preview("kent-police", sent[0])


async def test_what_sending_would_reject_is_rejected(gateway: Gateway) -> None:
    header, document, _ = story_step("release-notice")
    header.ClearField("sender")
    police = gateway.parties.of_kind("POLICE")
    with pytest.raises(PreviewRejectedError) as caught:
        await ask(gateway, police, pack(header, document))
    assert caught.value.codes == {"rejection": "DOCUMENT_NOT_FOR_SENDER"}
    [row] = await gateway.records("PREVIEW_REJECTED")
    assert json.loads(row.entry or "")["reason"] == "DOCUMENT_NOT_FOR_SENDER"


async def test_only_a_valid_document_is_asked_about(gateway: Gateway) -> None:
    header, document, sender = story_step("restrictions")
    with pytest.raises(InvalidRequestError):
        await ask(gateway, sender, pack(header, DeskReference(organisation="kent-police", desk="x")))
    document.ClearField("subject")
    with pytest.raises(InvalidRequestError):
        await ask(gateway, sender, pack(header, document))


@pytest.mark.parametrize("change", ["signer", "addressee", "exchange"])
async def test_an_answer_that_is_not_the_gateways_own_is_not_believed(gateway: Gateway, change: str) -> None:
    header, document, sender = story_step("restrictions")
    previewer = Previewer(gateway.store, gateway.tools)
    keys = gateway.parties.directory.keys.verifying_at(NOW)

    async def question(packet: str) -> str:
        token = await previewer.preview(sender, packet)
        outcome: Outcome = verify_outcome(token, keys=keys, gateway=GATEWAY)
        outcome.addressee = "kent-police" if change == "addressee" else outcome.addressee
        outcome.exchange_id = "preview-other" if change == "exchange" else outcome.exchange_id
        return sign_outcome(
            outcome, gateway.parties.signing["kent-police" if change == "signer" else GATEWAY]
        )

    servicer = PreviewServicer(gateway.parties.participant(sender), question)
    with pytest.raises(UnavailableError):
        await call(servicer, sender, pack(header, document))


async def test_nothing_is_decided_by_a_stale_directory(gateway: Gateway) -> None:
    header, document, sender = story_step("restrictions")
    gateway.parties.clock.advance(timedelta(days=31))
    with pytest.raises(DirectoryStaleError):
        await Previewer(gateway.store, gateway.tools).preview(sender, "any")
    with pytest.raises(UnavailableError):
        await ask(gateway, sender, pack(header, document))


def test_labels_become_indices_at_every_depth() -> None:
    first, second = "0" * 19 + "1", "0" * 19 + "2"
    leaves = [
        f"document.a[{second}].b[{first}].c",
        f"document.a[{second}].b[{second}].c",
        f"document.a[{first}]",
    ]
    paths = [f"document.a[{second}].b[{second}].c", "document.d", f"document.e[{first}]"]
    shown = index_paths(paths, leaves)
    assert list(shown.values()) == ["document.a[1].b[1].c", "document.d", f"document.e[{first}]"]
