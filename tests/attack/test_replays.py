"""What was sent, sent again: by whoever recorded it, or by an agency that says it never did."""

import copy

import pytest

from gateway.app.envelopes import Arrival
from services.kit.rpc.errors import RequestReusedError
from tests.attack.catalogue import Finder, attack
from tests.attack.scheme import OTHER, RECIPIENT, SENDER
from tests.attack.stage import Stage, draft, drain


@attack(
    "repeats a request under its id, or uses the id for something else",
    Finder.CALLED,
    soon="at once: the first acceptance is given again, and nothing is sent; other content is refused",
)
async def test_repeats_a_request(stage: Stage, attacked: bool) -> None:
    sender = stage.agencies[SENDER]
    header, document = draft(stage.station, "release-notice")
    await sender.member.outbox.submit(header, document)
    before = len(await sender.member.packets())
    if attacked:
        assert (await sender.member.outbox.submit(header, document)).repeated_request
        other = copy.deepcopy(header)
        other.necessity = "Something else"
        with pytest.raises(RequestReusedError):
            await sender.member.outbox.submit(other, document)
    assert len(await sender.member.packets()) == before


@attack(
    "sends a recipient's receipt again, or as if it were another's",
    Finder.GATEWAY,
    soon="when it arrives: it has no second effect; another's is refused and on record",
)
async def test_replays_a_receipt(stage: Stage, attacked: bool) -> None:
    gateway = stage.station.gateway
    await stage.agencies[SENDER].send()
    await stage.station.take()
    await stage.station.publish()
    recipient = stage.agencies[RECIPIENT]
    await recipient.hear()
    await recipient.speak()
    receipts = [item.message.body for item in drain(stage.station.broker, f"from.{RECIPIENT}")]
    assert receipts
    own = [Arrival(RECIPIENT, RECIPIENT, body) for body in receipts]
    assert set(await gateway.take(*own)) == {None}
    before = [row.type for row in await gateway.records()]
    if attacked:
        assert set(await gateway.take(*own)) == {None}
        anothers = await gateway.take(*(Arrival(OTHER, OTHER, body) for body in receipts))
        assert None not in anothers
        after = [row.type for row in await gateway.records()]
        assert after == before + ["SUBMISSION_REFUSED"] * len(receipts)
    else:
        assert [row.type for row in await gateway.records()] == before
