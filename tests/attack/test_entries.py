"""The operator changes what the log says: entries altered, dropped, reordered, inserted, signed again."""

from datetime import timedelta
from json import loads

import pytest

from gateway.app.sequencer import LogForkedError
from services.kit.evidence.canonical import canonical
from services.kit.evidence.merkle import record_hash
from tests.attack.catalogue import Finder, attack
from tests.attack.operator import Operator
from tests.attack.scheme import RECIPIENT
from tests.attack.stage import Stage
from tests.attack.steps import by_all, restart

DAY = timedelta(days=1, minutes=5)


def forge(entry: str, **members: object) -> str:
    """An entry that says something else."""
    return canonical(loads(entry) | {"necessity_commitment": "0" * 64} | members).decode()


@attack("alters an entry in the database", Finder.EXPORT, soon="at the next export")
async def test_alters_an_entry(stage: Stage, operator: Operator, attacked: bool) -> None:
    index = operator.find("DISCLOSURE")
    if attacked:
        entry = forge(operator.entries()[index])
        operator.change("UPDATE log_record SET entry = ? WHERE leaf_index = ?", entry, index)
    assert await stage.audit() == ("leaf_mismatch" if attacked else "")


@attack("alters an entry and its hash", Finder.EXPORT, soon="at the next export")
async def test_alters_an_entry_and_its_hash(stage: Stage, operator: Operator, attacked: bool) -> None:
    index = operator.find("DISCLOSURE")
    if attacked:
        entry = forge(operator.entries()[index])
        set_both = "UPDATE log_record SET entry = ?, record_hash = ? WHERE leaf_index = ?"
        operator.change(set_both, entry, record_hash(entry.encode()), index)
    assert await stage.audit() == ("leaf_mismatch" if attacked else "")


@attack("reorders entries in the database", Finder.EXPORT, soon="at the next export")
async def test_reorders_entries(stage: Stage, operator: Operator, attacked: bool) -> None:
    if attacked:
        for old, new in ((1, -1), (2, 1), (-1, 2)):
            operator.change("UPDATE log_record SET leaf_index = ? WHERE leaf_index = ?", new, old)
    assert await stage.audit() == ("leaf_mismatch" if attacked else "")


@attack(
    "drops an entry from the database", Finder.EXPORT, Finder.SEQUENCER, soon="at the next export or start"
)
async def test_drops_an_entry(stage: Stage, operator: Operator, attacked: bool) -> None:
    if attacked:
        operator.change("DELETE FROM log_record WHERE leaf_index = ?", len(operator.entries()) - 1)
    assert await stage.audit() == ("records_missing" if attacked else "")
    assert await restart(stage) is (LogForkedError if attacked else None)


@attack("leaves an entry out of an export", Finder.EXPORT, soon="at once")
async def test_leaves_an_entry_out_of_an_export(stage: Stage, attacked: bool) -> None:
    lines = (await stage.export()).splitlines(keepends=True)
    if attacked:
        del lines[4]
    assert stage.find_in_export(b"".join(lines)) == ("index_out_of_order" if attacked else "")


@attack("inserts an entry into the database", Finder.SEQUENCER, soon="at the next start")
async def test_inserts_an_entry(stage: Stage, operator: Operator, attacked: bool) -> None:
    if attacked:
        entries = operator.entries()
        entry = forge(entries[2])
        added = "INSERT INTO log_record (entry, record_hash, type, at, leaf_index) "
        chosen = "SELECT ?, ?, type, at, ? FROM log_record WHERE leaf_index = 2"
        operator.change(added + chosen, entry, record_hash(entry.encode()), len(entries))
    assert await restart(stage) is (LogForkedError if attacked else None)


@attack("appends an entry that states a time long past", Finder.EXPORT, soon="at the next export")
async def test_dates_an_entry_back(stage: Stage, operator: Operator, attacked: bool) -> None:
    at = (stage.scheme.clock.now() - (2 * DAY if attacked else DAY / 2)).isoformat(timespec="milliseconds")
    entry = forge(operator.entries()[operator.find("DISCLOSURE")], at=at)
    added = "INSERT INTO log_record (entry, record_hash, type, at) "
    chosen = "SELECT ?, ?, type, at FROM log_record WHERE leaf_index = 2"
    operator.change(added + chosen, entry, record_hash(entry.encode()))
    await stage.beat()
    assert await stage.audit() == ("back_dated" if attacked else "")


@attack(
    "makes the log another and signs it again, but leaves the key store",
    Finder.SEQUENCER,
    soon="at the start that this takes",
)
async def test_signs_another_log(operator: Operator, attacked: bool) -> None:
    found = None
    try:
        await operator.rewrite(lambda entries: reword(entries, attacked=attacked), memory=False)
    except LogForkedError as error:
        found = type(error)
    assert found is (LogForkedError if attacked else None)


REWRITINGS = {
    "alters": lambda entries: entries.__setitem__(2, forge(entries[2])),
    "drops": lambda entries: entries.__delitem__(2),
    "reorders": lambda entries: entries.insert(1, entries.pop(3)),
    "inserts": lambda entries: entries.insert(2, forge(entries[2])),
}


@attack(
    "alters, drops, reorders or inserts an entry, makes the whole log fit, signs it again, and has the key "
    "store remember it",
    Finder.WITNESS,
    Finder.EXPORT,
    soon="at the next heartbeat; an export by no majority a day later",
)
@pytest.mark.parametrize("how", REWRITINGS)
async def test_rewrites_the_log(stage: Stage, operator: Operator, attacked: bool, how: str) -> None:
    evidence = await stage.evidence()
    await operator.rewrite(REWRITINGS[how] if attacked else keep, cosigned=not attacked)
    await stage.beat()
    alarm = "LOG_ROLLBACK" if how == "drops" else "LOG_FORK"
    assert await stage.alarms() == (by_all(alarm) if attacked else {})
    octets = await stage.export()
    await stage.beat(later=DAY)
    assert stage.find_in_export(octets) == ("no_majority" if attacked else "")
    assert stage.find_in_evidence(evidence) == ""  # what was proved before, stays proved


@attack(
    "rewrites the log so, and shows the cosignatures of the old one with it",
    Finder.EXPORT,
    soon="at the next export",
)
async def test_rewrites_the_log_under_old_cosignatures(
    stage: Stage, operator: Operator, attacked: bool
) -> None:
    await operator.rewrite(lambda entries: reword(entries, attacked=attacked), cosigned=True)
    found = await stage.audit()
    assert found == ("cosignature_refused" if attacked else "")


@attack(
    "rewrites the record of a release, before a heartbeat has shown it to anybody",
    Finder.WITNESS,
    soon="at the first heartbeat: each recipient keeps the checkpoint that came with its release",
)
async def test_rewrites_what_a_recipient_holds(stage: Stage, operator: Operator, attacked: bool) -> None:
    await stage.exchange()
    last = max(index for index, entry in enumerate(operator.entries()) if '"DISCLOSURE"' in entry)
    await operator.rewrite(lambda entries: reword(entries, attacked=attacked, index=last))
    await stage.beat()
    found = await stage.alarms()
    assert ("LOG_FORK" in found.get(RECIPIENT, set())) is attacked
    assert bool(found) is attacked


def keep(_entries: list[str]) -> None:
    """Rewrites nothing."""


def reword(entries: list[str], *, attacked: bool, index: int = 2) -> None:
    """Alters one entry, or none."""
    if attacked:
        entries[index] = forge(entries[index])
