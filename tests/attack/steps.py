"""Steps that several attacks take."""

from gateway.app.sequencer import LogForkedError
from tests.attack.scheme import WITNESSES
from tests.attack.stage import Stage


def by_all(code: str) -> dict[str, set[str]]:
    """Every witness alarms about this, and about nothing else."""
    return {name: {code} for name in WITNESSES}


async def restart(stage: Stage) -> type[LogForkedError] | None:
    """Stops the gateway and starts it again; what keeps it from starting."""
    await stage.station.stop()
    return await start(stage)


async def start(stage: Stage) -> type[LogForkedError] | None:
    """Starts a stopped gateway; what keeps it from starting."""
    try:
        await stage.station.start()
    except LogForkedError as error:
        return type(error)
    return None
