"""The operator shows different agencies different logs, or puts an old one back in place."""

from datetime import timedelta

from gateway.app.sequencer import LogForkedError
from tests.attack.catalogue import Finder, attack
from tests.attack.operator import DATABASE, FILES, Operator
from tests.attack.scheme import OTHER
from tests.attack.stage import MINUTE, Stage, Station
from tests.attack.steps import by_all, start


async def show_two(stage: Stage, *, attacked: bool) -> Station:
    """A second gateway with the same key shows one agency another log; if honest, it is the first."""
    other = await stage.station.copy(stage.folder / "double") if attacked else stage.station
    await stage.agencies[OTHER].connect(other)
    await stage.exchange()
    for _ in range(6):  # so that the other's log is the longer one
        await stage.agencies[OTHER].send("contribution")
    await other.take()
    return other


async def beat_both(stage: Stage, other: Station, later: timedelta = MINUTE) -> None:
    await stage.beat(*dict.fromkeys((stage.station, other)), later=later)


@attack(
    "shows two agencies different logs, and lets what one cosigned reach the other",
    Finder.WITNESS,
    soon="at the heartbeat that carries the cosignature",
)
async def test_shows_two_logs(stage: Stage, operator: Operator, attacked: bool) -> None:
    other = await show_two(stage, attacked=attacked)
    try:
        await beat_both(stage, other)
        assert await stage.alarms() == {}  # each sees a log that continues
        if attacked:
            pass_on(operator, Operator(other))
        await beat_both(stage, other)
        assert await stage.alarms() == ({OTHER: {"LOG_FORK"}} if attacked else {})
        convicting = [each for each in await stage.agencies[OTHER].alarms() if len(each.evidence) == 2]
        assert bool(convicting) is attacked, "both notes are kept, each signed by the gateway"
    finally:
        if attacked:
            await other.stop()


def pass_on(operator: Operator, other: Operator) -> None:
    """Has one gateway's heartbeats carry what was cosigned for the other's."""
    newest = "SELECT size, root, note, at FROM log_checkpoint ORDER BY size DESC LIMIT 1"
    with operator.open() as database:
        [(size, root, note, at)] = database.execute(newest).fetchall()
        query = "SELECT size, organisation, line, at FROM log_cosignature WHERE size = ?"
        cosigned = database.execute(query, (size,)).fetchall()
    assert cosigned
    with other.open() as database:
        database.execute("DELETE FROM log_cosignature WHERE size = ?", (size,))
        database.execute("REPLACE INTO log_checkpoint VALUES (?, ?, ?, ?)", (size, root, note, at))
        database.executemany("INSERT INTO log_cosignature VALUES (?, ?, ?, ?)", cosigned)


@attack(
    "shows two agencies different logs, and keeps from each what the others cosigned",
    Finder.WITNESS,
    soon="within a day: where the smaller part is, no majority cosigns",
)
async def test_keeps_two_logs_apart(stage: Stage, attacked: bool) -> None:
    other = await show_two(stage, attacked=attacked)
    try:
        for _ in range(6):
            await beat_both(stage, other, timedelta(hours=5))
        assert await stage.alarms() == ({OTHER: {"LOG_NO_MAJORITY"}} if attacked else {})
    finally:
        if attacked:
            await other.stop()


@attack(
    "shows an agency one log, and later the one that the others have",
    Finder.WITNESS,
    soon="at the next heartbeat",
)
async def test_moves_an_agency_to_another_log(stage: Stage, attacked: bool) -> None:
    other = await show_two(stage, attacked=attacked)
    await beat_both(stage, other)
    await stage.exchange()
    await stage.agencies[OTHER].connect(stage.station)
    if attacked:
        await other.stop()
    await stage.beat()
    assert await stage.alarms() == ({OTHER: {"LOG_FORK"}} if attacked else {})


@attack(
    "rolls the database back to yesterday's backup",
    Finder.SEQUENCER,
    soon="at the start that this takes: the key store remembers what was signed",
)
async def test_rolls_the_database_back(stage: Stage, operator: Operator, attacked: bool) -> None:
    await back_up(stage, operator)
    await operator.put_back(stage.folder / ("yesterday" if attacked else "today"), DATABASE)
    found = await start(stage)
    assert found is (LogForkedError if attacked else None)


@attack(
    "rolls database and key store back to yesterday's backup", Finder.WITNESS, soon="at the next heartbeat"
)
async def test_rolls_the_key_store_back_too(stage: Stage, operator: Operator, attacked: bool) -> None:
    await back_up(stage, operator)
    await operator.put_back(stage.folder / ("yesterday" if attacked else "today"), *FILES)
    assert await start(stage) is None  # nothing in the house tells
    await stage.beat()
    assert await stage.alarms() == (by_all("LOG_ROLLBACK") if attacked else {})


@attack(
    "rolls both back, and has the log grow past where it was before the next heartbeat",
    Finder.WITNESS,
    soon="at the next heartbeat",
)
async def test_grows_another_way_after_rolling_back(stage: Stage, operator: Operator, attacked: bool) -> None:
    await back_up(stage, operator)
    await operator.put_back(stage.folder / ("yesterday" if attacked else "today"), *FILES)
    assert await start(stage) is None
    for _ in range(2):
        await stage.exchange()
    await stage.beat()
    assert await stage.alarms() == (by_all("LOG_FORK") if attacked else {})


@attack(
    "rolls both back before a heartbeat has shown the newest records to anybody",
    Finder.WITNESS,
    soon="once the log has grown past it: sender and recipient keep the checkpoints that came to them",
)
async def test_rolls_back_what_no_heartbeat_showed(stage: Stage, operator: Operator, attacked: bool) -> None:
    await operator.back_up(stage.folder / "yesterday")
    await stage.exchange()
    await operator.back_up(stage.folder / "today")
    await operator.put_back(stage.folder / ("yesterday" if attacked else "today"), *FILES)
    assert await start(stage) is None
    for _ in range(3):
        await stage.exchange()
    await stage.beat()
    assert await stage.alarms() == (by_all("LOG_FORK") if attacked else {})


async def back_up(stage: Stage, operator: Operator) -> None:
    """A backup of yesterday, and one of today: an exchange and a heartbeat later."""
    await operator.back_up(stage.folder / "yesterday")
    await stage.exchange()
    await stage.beat()
    await operator.back_up(stage.folder / "today")
