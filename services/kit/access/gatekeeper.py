"""Lets a call in or not: who calls, what the table says, and a note of whoever was not let in."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import grpc.aio
import structlog

from services.kit.access.actor import Actor
from services.kit.access.authenticator import Authenticator
from services.kit.access.peer import Peer, identify
from services.kit.access.settings import IdentitySettings
from services.kit.access.table import AccessError, AccessTable
from services.kit.access.tokens import open_verifier
from services.kit.clock import Clock
from services.kit.rpc.errors import AccessRefusedError, WrongOrganisationError

_security = structlog.get_logger("security")
_Context = grpc.aio.ServicerContext[Any, Any]

KindOf = Callable[[str], str | None]
"""The kind of an organisation that may call this service at all, as tables name it; None for all others."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was not let in, by somebody whose certificate says who it is.

    Attributes:
        organisation: as the certificate names it.
        method: what was called.
        reason: why not, in capitals.
        actor: who acted, where that was known before it was refused.
    """

    organisation: str
    method: str
    reason: str
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """A call that was let in.

    Attributes:
        actor: who acts.
        until: when who acts must be shown anew.
    """

    actor: Actor
    until: datetime


class Refusals(Protocol):
    """Keeps what was refused, without being flooded by it."""

    def note(self, refusal: Refusal) -> None:
        """Takes a refusal; never waits and never fails."""


class Gatekeeper:
    """Authenticates and authorises calls.

    Args:
        authenticator: tells who calls.
        table: says who may call what.
        kind_of: says who may call this service at all.
        refusals: keeps what was refused.
    """

    def __init__(
        self, authenticator: Authenticator, table: AccessTable, kind_of: KindOf, refusals: Refusals
    ) -> None:
        self._authenticator = authenticator
        self._table = table
        self._kind_of = kind_of
        self._refusals = refusals

    def require_match(self, methods: Iterable[str]) -> None:
        """AccessError unless the table has exactly these methods."""
        self._table.require_match(methods)

    async def is_ready(self) -> bool:
        """Whether anybody can be known now: the keys of every identity provider are there."""
        return await self._authenticator.is_ready()

    async def admit(self, method: str, context: _Context) -> Admission:
        """Who acts in the call, and for how long.

        Raises:
            AccessRefusedError: the call is not let in; one of its subclasses says why.
            IdentityUnavailableError: nobody can be known now.
        """
        try:
            peer = identify(context.auth_context())
        except AccessRefusedError as refusal:
            _security.warning("caller_unidentified", method=method, reason=refusal.reason)
            raise
        with self.noting(method, peer.organisation):
            return await self._authorise(method, peer, context)

    @contextmanager
    def noting(self, method: str, organisation: str, actor: Actor | None = None) -> Iterator[None]:
        """Notes the refusal with which what happens inside ends, if it is one of access."""
        try:
            yield
        except AccessRefusedError as refusal:
            self._note(Refusal(organisation, method, refusal.reason, actor))
            raise

    def _note(self, refusal: Refusal) -> None:
        _security.warning(
            "access_refused",
            caller=refusal.organisation,
            method=refusal.method,
            reason=refusal.reason,
        )
        if self._kind_of(refusal.organisation) is not None:
            self._refusals.note(refusal)

    async def _authorise(self, method: str, peer: Peer, context: _Context) -> Admission:
        kind = self._kind_of(peer.organisation)
        if kind is None:
            raise WrongOrganisationError
        caller = await self._authenticator.authenticate(peer, context.invocation_metadata() or ())
        return Admission(self._table.authorise(method, kind, caller), caller.until)


@dataclass(frozen=True, slots=True)
class Entrance:
    """What a process makes its gatekeeper of.

    Attributes:
        own: the organisation whose service it is.
        identity: whose word about callers is believed.
        table: who may call what.
        kind_of: who may call this service at all.
    """

    own: str
    identity: IdentitySettings
    table: AccessTable
    kind_of: KindOf


def open_gate(entrance: Entrance, refusals: Refusals, clock: Clock) -> Gatekeeper:
    """The gatekeeper of a process; reads no provider's key yet.

    Raises:
        AccessError: no provider may speak for the own organisation, so that nobody would ever get in.
    """
    if not entrance.identity.speaks_for(entrance.own):
        raise AccessError(
            f"identity.issuers: none may speak for {entrance.own}: add it to one's organisations"
        )
    authenticator = Authenticator(open_verifier(entrance.identity, entrance.own, clock))
    return Gatekeeper(authenticator, entrance.table, entrance.kind_of, refusals)
