"""Freedom of information: the same bytes whether or not there was a meeting (mappa:E-32, E-34, X-15)."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from publicprotection.documents.v1 import minutes_request_pb2 as documents
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2

from services.kit.access.actor import Role
from services.kit.clock import FixedClock
from tests.support.gateway import NOW, Parties
from tests.support.minutes import UNIT, Unit, day, open_unit, stated

KINDS = ["RELATIVE", "JOURNALIST", "OTHER"]
PROBATION = "kent-probation"


@pytest.fixture(scope="module")
def parties() -> Parties:
    return Parties(clock=FixedClock(NOW))


def numbered() -> Iterator[str]:
    return (f"id-{number:04}" for number in count())


async def opened(parties: Parties, folder: Path, stack: AsyncExitStack, organisation: str) -> Unit:
    """An organisation whose ids are the same in every world."""
    folder.mkdir()  # noqa: ASYNC240  # once, before anything runs
    ids = numbered()
    participant = replace(parties.participant(organisation), new_id=lambda: next(ids))
    return await stack.enter_async_context(open_unit(parties, folder, organisation, participant=participant))


async def hold_a_meeting(unit: Unit) -> None:
    """Somebody else's request about the same person, with a summary of a meeting, answered."""
    case_id = await unit.register("COURT", request_id="before")
    await unit.draft(case_id)
    await unit.prepare(case_id, "SUMMARY")
    await unit.approve(case_id)
    await unit.send(case_id)


async def what_leaves(unit: Unit, kind: str, **changes: Any) -> list[bytes]:
    """Everything that leaves for a request: each response, and the letter."""
    registered = await unit.call("RegisterMinutesRequest", **stated(kind, **changes))
    case_id = registered.summary.case_id
    prepared = await unit.prepare(case_id, "NEITHER_CONFIRM_NOR_DENY")
    sent = await unit.send(case_id)
    letter = await unit.letter(case_id)
    answers = [registered, prepared, pb2.SendReplyResponse(summary=sent.summary)]
    written = [each.SerializeToString(deterministic=True) for each in answers]
    # Ids alone differ, because the world with a meeting has used some: they tell nothing and are evened out.
    return [each.replace(case_id.encode(), b"id-....") for each in written] + [letter]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_leaves_is_the_same_byte_for_byte(parties: Parties, tmp_path: Path, kind: str) -> None:
    async with AsyncExitStack() as stack:
        with_meeting = await opened(parties, tmp_path / "held", stack, UNIT)
        without = await opened(parties, tmp_path / "nothing", stack, UNIT)
        await hold_a_meeting(with_meeting)
        # As many ids are used in the other world, about somebody else altogether.
        await without.register("COURT", request_id="before", words="About another.")
        held, nothing = await what_leaves(with_meeting, kind), await what_leaves(without, kind)
    assert held == nothing
    assert held[-1].startswith(b"%PDF")


async def test_the_letter_says_neither(parties: Parties, tmp_path: Path) -> None:
    """Flags of the registration change nothing of what the requester reads."""
    async with AsyncExitStack() as stack:
        first = await opened(parties, tmp_path / "first", stack, UNIT)
        second = await opened(parties, tmp_path / "second", stack, UNIT)
        told = {"recording_held": True, "full_necessary": "It is."}
        one, other = await what_leaves(first, "RELATIVE"), await what_leaves(second, "RELATIVE", **told)
    assert one == other


async def test_an_agency_answers_itself_and_the_register_gets_a_copy(
    parties: Parties, tmp_path: Path
) -> None:
    """mappa:R-108, mappa:R-130: the copy says neither, whatever anybody holds."""
    async with AsyncExitStack() as stack:
        agency = await opened(parties, tmp_path / "agency", stack, PROBATION)
        case_id = await agency.register("JOURNALIST", received_on=day(date(2026, 11, 20)))
        await agency.prepare(case_id, "NEITHER_CONFIRM_NOR_DENY")
        sent = await agency.send(case_id)
        assert await agency.sent() == ["MinutesReply"]
        async with agency.member.records.store.read() as connection:
            original = await agency.member.records.sent.original(connection, sent.exchange_ids[0])
    assert original is not None
    leaves = dict(original.leaves)
    to = [value for path, value in leaves.items() if path.startswith("header.recipients")]
    assert sorted(map(str, to)) == ["coordination", UNIT]
    assert "MINUTES_ANSWER_NEITHER_CONFIRM_NOR_DENY" in leaves.values()
    assert not any("chair" in str(each).lower() for each in leaves.values())


async def test_nothing_but_neither_is_open(parties: Parties, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        unit = await opened(parties, tmp_path / "unit", stack, UNIT)
        case_id = await unit.register("JOURNALIST", channel=documents.REQUEST_CHANNEL_FREEDOM_OF_INFORMATION)
        for answer in ("SUMMARY", "REFUSED", "ASK_OWNER", "SUBJECT_ACCESS"):
            with pytest.raises(Exception, match="MINUTES_REQUEST_REFUSED"):
                await unit.prepare(case_id, answer, reasons="They asked.", role=Role.MEETING_CHAIR)
