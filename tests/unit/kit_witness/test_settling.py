"""A fork raises one alarm, however often it is shown; a person settles it, and says why."""

import pytest

from services.kit.access.actor import Actor, Person, Role, System
from services.kit.access.errors import NoPersonError
from services.kit.exchange.outbox_service import describe_alarm
from services.kit.rpc.errors import ConflictError, NotFoundError
from services.kit.witness.settling import Settling
from tests.support.exchanging import RECIPIENT
from tests.unit.kit_witness.conftest import Watching

SYSTEM = System(RECIPIENT, "case-system")
OFFICER = Person(
    "u-1", "Ines Vale", "INFORMATION_MANAGER", frozenset({Role.DATA_PROTECTION_OFFICER}), RECIPIENT, ""
)
ACTOR = Actor(SYSTEM, Role.DATA_PROTECTION_OFFICER, OFFICER)
WHY = "The gateway's operator put the right database back; the others hold the same log as we do."


def settling(watching: Watching) -> Settling:
    return Settling(watching.member.records, watching.world.clock)


async def fork(watching: Watching, times: int = 1) -> None:
    """The log shows another history, which grows with each heartbeat."""
    other = watching.log.fork().grow("x")
    watching.log.grow("b")
    await watching.show()
    mine, watching.log = watching.log, other
    for _ in range(times):
        watching.later(minutes=1)
        await watching.show(other.grow("y"))
    watching.log = mine


async def test_a_fork_that_is_shown_each_minute_is_one_alarm(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    await fork(watching, times=5)
    assert await watching.codes() == ["LOG_FORK"]
    assert not await watching.witness.is_sound()


async def test_a_fork_that_others_cosigned_is_one_alarm_while_our_own_log_grows(watching: Watching) -> None:
    other = watching.log.grow("a").fork().grow("x")
    await watching.show(watching.log.grow("b"))
    for _ in range(4):
        theirs = other.grow("y").cosigned(watching.world.signing["kent-prison"])
        watching.later(minutes=1)
        await watching.show(watching.log.grow("c", "d"), cosigned=(theirs,))
    assert await watching.codes() == ["LOG_FORK"]


async def test_whoever_has_dealt_with_an_alarm_says_so_and_it_stays_listed(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    await fork(watching)
    [alarm] = await watching.alarms()
    await settling(watching).settle(ACTOR, alarm.position, WHY)
    watching.later(minutes=1)
    await watching.show(watching.log.grow("c"))
    assert await watching.witness.is_sound()
    [listed] = [describe_alarm(each) for each in await watching.alarms()]
    settled = listed.settlement
    assert (settled.person, settled.role, settled.reason) == ("Ines Vale", "DATA_PROTECTION_OFFICER", WHY)
    assert list(listed.evidence) == list(alarm.evidence)


async def test_what_goes_on_after_it_was_settled_is_another_alarm(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    await fork(watching)
    [alarm] = await watching.alarms()
    await settling(watching).settle(ACTOR, alarm.position, WHY)
    for _ in range(2):
        await fork(watching, times=2)
    assert await watching.codes() == ["LOG_FORK"] * 2
    assert not await watching.witness.is_sound()


async def test_an_alarm_is_settled_once_and_by_a_person(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    await fork(watching)
    [alarm] = await watching.alarms()
    with pytest.raises(NoPersonError):
        await settling(watching).settle(Actor(SYSTEM, Role.AGENCY_SYSTEM, None), alarm.position, WHY)
    with pytest.raises(NotFoundError):
        await settling(watching).settle(ACTOR, alarm.position + 1, WHY)
    await settling(watching).settle(ACTOR, alarm.position, WHY)
    with pytest.raises(ConflictError):
        await settling(watching).settle(ACTOR, alarm.position, "Something else.")


async def test_reasons_are_encrypted_at_rest(watching: Watching) -> None:
    await watching.show(watching.log.grow("a"))
    await fork(watching)
    [alarm] = await watching.alarms()
    await settling(watching).settle(ACTOR, alarm.position, WHY)
    async with watching.member.records.store.read() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM alarm")).all()
    assert "Ines Vale" not in str(rows)
    assert "database back" not in str(rows)
