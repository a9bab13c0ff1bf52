"""The files of a complete private system: certificates, keys, directory, broker, settings of each process.

Everything lies in one folder, readable by its owner only, and lives for days: a world is made anew whenever
it is needed, and never kept.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Self

from publicprotection.exchange.v1.directory_service_pb2 import Organisation

from deploy.broker.definitions import GATEWAY, Account, define
from deploy.broker.node import BrokerNode
from deploy.certificates import CertificateAuthority, Usage, write_private
from deploy.local.consoles import ConsolePlace, describe_client, place_consoles, write_console
from deploy.local.identity import NAME, IdentityPlace, Wallet, write_caller, write_identity
from deploy.local.keys import SKEW, SchemeFiles, write_directory, write_keys
from deploy.local.places import Place
from deploy.local.ports import choose_ports
from deploy.local.roster import Member, choose_members, read_organisations
from deploy.local.settings import agency_settings, gateway_settings
from deploy.story.clients import Endpoint

_MARKER: Final = ".private-world"


class WorldError(RuntimeError):
    """The folder cannot be used for a world; the message says what to do."""


@dataclass(frozen=True)
class World:
    """A world on disk.

    Attributes:
        folder: Everything is in here.
        authority: Issued every certificate; held in memory only.
        members: The organisations that run a process, in the order wanted.
        agencies: Their places, by organisation.
        gateway: The gateway's place.
        broker: The broker's node, not started.
        scheme: The signed directory and the key to check it by.
        identity: The identity provider's place.
        consoles: Places of consoles, by organisation.
        wallet: Gets tokens from it.
    """

    folder: Path
    authority: CertificateAuthority = field(repr=False)
    members: tuple[Member, ...]
    agencies: dict[str, Place]
    gateway: Place
    broker: BrokerNode
    scheme: SchemeFiles
    identity: IdentityPlace
    consoles: dict[str, ConsolePlace]
    wallet: Wallet = field(repr=False)
    lock: int = field(repr=False)

    @classmethod
    def create(
        cls,
        folder: Path,
        cast: Sequence[str],
        *,
        consoles: Sequence[str] = (),
        age: timedelta = SKEW,
    ) -> Self:
        """Make a new world in a folder, in place of the one that may be there.

        Args:
            folder: Made if absent.
            cast: Organisations that run a process; all others of the directory only have keys and queues.
            consoles: Those of them that have a console as well.
            age: For how long everybody's keys have been good: two years where an area of data is loaded.

        Raises:
            WorldError: The folder holds something else, or a world that is in use.
            RosterError: An organisation is not in the directory.
        """
        organisations = read_organisations()
        members = tuple(choose_members(organisations, cast))
        for entry in organisations:  # a witness must run to cosign
            entry.witnesses_log = entry.organisation in cast
        lock = _clear(folder.absolute())
        builder = _Builder(folder.absolute())
        places = builder.places(members, consoles)
        scheme = builder.directory(organisations, age)
        broker = builder.broker([entry.organisation for entry in organisations])
        identity = builder.identity(list(cast))
        for place in places:
            builder.settle(place, places[0].address, broker, scheme, identity.issuer)
            write_caller(identity, place)
        builder.settle_consoles(places, identity.issuer, scheme)
        agencies = {place.name: place for place in places if place.role}
        return cls(
            folder=builder.folder,
            authority=builder.authority,
            members=members,
            agencies=agencies,
            gateway=places[0],
            broker=broker,
            scheme=scheme,
            identity=identity,
            consoles=builder.consoles,
            wallet=Wallet(identity),
            lock=lock,
        )

    def endpoint(self, organisation: str, name: str | None = None) -> Endpoint:
        """An agency's service, to be called by one of its own systems for a person.

        Args:
            organisation: Whose service and system.
            name: Who acts; whoever acts for the organisation in the story unless given.
        """
        place = self.agencies[organisation]
        tokens = partial(self.wallet.tokens, place, place)
        return Endpoint(organisation, place.role, place.address, place.client, tokens(name), tokens)

    def oversight(self, reader: str, name: str | None = None) -> Endpoint:
        """The gateway's views, to be called by an organisation for a person, as `endpoint`."""
        place = self.agencies[reader]
        tokens = self.wallet.tokens(place, self.gateway, name)
        return Endpoint(reader, "", self.gateway.address, place.client, tokens)

    def release(self) -> None:
        """Let another world be made in this folder."""
        os.close(self.lock)


class _Builder:
    """Writes the parts of one world."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder
        self.authority: Final = CertificateAuthority.create()
        self._passwords: Final[dict[str, str]] = {}
        self._identity_port = 0
        self._organisations: list[str] = []
        self.consoles: dict[str, ConsolePlace] = {}

    def places(self, members: Sequence[Member], consoles: Sequence[str]) -> list[Place]:
        """Choose ports for the gateway, which comes first, and each member; for provider and consoles."""
        roles = {GATEWAY: ""} | {member.id: member.role for member in members}
        self._identity_port, *ports = choose_ports(len(roles) + len(consoles) + 1)
        own, others = ports[: len(roles)], ports[len(roles) :]
        self.consoles = place_consoles(self.folder, dict(zip(consoles, others, strict=True)))
        return [self._place(name, role, port) for (name, role), port in zip(roles.items(), own, strict=True)]

    def directory(self, organisations: Sequence[Organisation], age: timedelta) -> SchemeFiles:
        """Make everybody's keys and sign the directory that publishes them."""
        names = [entry.organisation for entry in organisations]
        keys = {name: write_keys(self.folder / name, name) for name in [*names, GATEWAY]}
        folder, gateway = self.folder / "directory", keys[GATEWAY]
        return write_directory(folder, organisations, keys, gateway=gateway, now=datetime.now(UTC), age=age)

    def broker(self, organisations: Sequence[str]) -> BrokerNode:
        """Define users and queues of everybody in the directory, whether they run here or not."""
        accounts = [self._account(name) for name in organisations]
        definitions = define(accounts, self._account(GATEWAY))
        return BrokerNode(self.folder / "broker", self.authority, definitions)

    def identity(self, organisations: list[str]) -> IdentityPlace:
        """Write the identity provider's files, after the places are chosen."""
        log = self.folder / "logs" / f"{NAME}.log"
        self._organisations = organisations
        return write_identity(
            self.folder / NAME,
            self._identity_port,
            log,
            self.authority,
            organisations,
            more_clients=[describe_client(place) for place in self.consoles.values()],
        )

    def settle_consoles(self, places: Sequence[Place], issuer: str, scheme: SchemeFiles) -> None:
        """Write certificate and settings of each console; the gateway's place is the first."""
        agencies = {place.name: place for place in places}
        for console in self.consoles.values():
            agency = agencies[console.organisation]
            write_console(console, self.authority, agency, places[0].address, issuer, scheme)

    def settle(
        self, place: Place, gateway: str, broker: BrokerNode, scheme: SchemeFiles, issuer: str
    ) -> None:
        """Issue a certificate for the process and one for a caller; write password and settings."""
        caller = Usage(client=True, server=False)
        self.authority.issue_files(place.folder / "tls", "service", place.name)
        self.authority.issue_files(place.folder / "client", "client", place.name, usage=caller)
        write_private(place.folder / "broker.password", self._passwords[place.name].encode())
        text = (
            agency_settings(place, gateway, broker, scheme, issuer)
            if place.role
            else gateway_settings(place, broker, scheme, issuer, self._organisations)
        )
        write_private(place.settings, text.encode())

    def _place(self, name: str, role: str, port: int) -> Place:
        return Place(name, role, self.folder / name, port, self.folder / "logs" / f"{name}.log")

    def _account(self, name: str) -> Account:
        self._passwords[name] = secrets.token_urlsafe(24)
        return Account.create(name, self._passwords[name])


def _clear(folder: Path) -> int:
    """Take the folder and empty it of the world that may be there; return the lock's descriptor."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker = folder / _MARKER
    if not marker.exists() and any(folder.iterdir()):
        raise WorldError(f"{folder} is not empty and holds no earlier system: choose another folder")
    lock = os.open(marker, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise WorldError(f"a system is running in {folder}: stop it first, or choose another") from None
    _remove_all(folder, keep=marker)
    return lock


def _remove_all(folder: Path, *, keep: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry != keep:
            with suppress(FileNotFoundError):
                entry.unlink()
