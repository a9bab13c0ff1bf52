"""What is examined: the settings of one process, and what the checks learn on their way."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.access.settings import ClientSettings, IdentitySettings
from services.kit.bus.settings import BusSettings
from services.kit.database import DatabaseSettings
from services.kit.directory import Directory
from services.kit.key_files import OwnKeyFiles
from services.kit.settings import DirectorySettings, Listen, TlsFiles


@dataclass(frozen=True, slots=True)
class Reading:
    """What something else says about the time.

    Attributes:
        source: who says so.
        moment: aware.
        is_now: whether it is the source's clock now; otherwise a moment that must lie in the past.
    """

    source: str
    moment: datetime
    is_now: bool


@dataclass(frozen=True, slots=True)
class Route:
    """What a process may do at the broker.

    Attributes:
        exchange: the exchange that it publishes to.
        key: a routing key under which it may.
        queues: from the directory to the queues that it reads.
    """

    exchange: str
    key: str
    queues: Callable[[Directory], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Base:
    """A process's own database.

    Attributes:
        settings: where it is.
        migrations: folder of the migrations of this version.
        last_checkpoint: when the newest checkpoint in it was signed.
        fits: whether the key at rest is the one that it was made with.
    """

    settings: DatabaseSettings
    migrations: Path
    last_checkpoint: Callable[[AsyncConnection], Awaitable[datetime | None]]
    fits: Callable[[AsyncConnection], Awaitable[bool]] | None = None


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What every process has, by its settings.

    Attributes:
        owner: the organisation, or the gateway.
        settings: all of them.
        listen: where it takes calls.
        tls: its certificate.
        directory: where the directory is.
        identity: whose word about callers is believed.
        client: how the process gets tokens of its own; None for the gateway, which calls nobody.
        gateway: where the gateway answers; None for the gateway itself.
        now: by this machine's clock, aware.
        readings: of other clocks; the checks add to them.
    """

    owner: str
    settings: BaseModel
    listen: Listen
    tls: TlsFiles
    directory: DirectorySettings
    identity: IdentitySettings
    client: ClientSettings | None
    gateway: str | None
    now: datetime
    readings: list[Reading] = field(default_factory=list)

    def note(self, source: str, moment: datetime, *, is_now: bool = False) -> None:
        """Keeps what something says about the time."""
        self.readings.append(Reading(source, moment, is_now))


@dataclass(frozen=True, kw_only=True)
class Patient(Examined):
    """The gateway, or an agency's service.

    Attributes:
        keys: its keys.
        broker: where the broker is.
        route: what it does there.
        base: its database.
    """

    keys: OwnKeyFiles
    broker: BusSettings
    route: Route
    base: Base


@dataclass(frozen=True, kw_only=True)
class ConsolePatient(Examined):
    """A console: it has no keys, no database and nothing at the broker.

    Attributes:
        agency: where the service of its organisation answers.
        issuer: where its people sign in.
        address: where browsers find it.
    """

    agency: str
    issuer: str
    address: str
