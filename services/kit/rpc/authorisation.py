"""Who may call what: a table of methods, and the caller's organisation from the client's certificate.

A method that is not in the table may be called by nobody. The table covers exactly the methods that are
served, both ways, or the server does not start.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.kit.credentials import ORGANISATION_URN
from services.kit.rpc.errors import UnidentifiedCallerError, UnknownMethodError, WrongOrganisationError

AuthContext = Mapping[str, Iterable[bytes]]
"""What gRPC knows of a peer: `context.auth_context()`."""


class AccessError(Exception):
    """The table and the methods served do not match."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls.

    Attributes:
        organisation: as the client's certificate names it.
    """

    organisation: str


@dataclass(frozen=True, slots=True)
class AccessTable:
    """For each method (`/package.Service/Method`) the organisations whose systems may call it."""

    allowed: Mapping[str, frozenset[str]]

    @classmethod
    def for_one(cls, organisation: str, methods: Iterable[str]) -> "AccessTable":
        """The table by which an organisation's systems, and no others, may call everything."""
        return cls(dict.fromkeys(methods, frozenset({organisation})))

    def check(self, method: str, caller: Caller) -> None:
        """Lets the call pass, or raises.

        Raises:
            UnknownMethodError: the table does not have the method.
            WrongOrganisationError: it does, but not for this organisation.
        """
        if method not in self.allowed:
            raise UnknownMethodError
        if caller.organisation not in self.allowed[method]:
            raise WrongOrganisationError

    def require_match(self, methods: Iterable[str]) -> None:
        """AccessError unless the table has exactly these methods."""
        odd = set(self.allowed) ^ set(methods)
        if odd:
            raise AccessError(
                f"methods without an entry, or entries without a method: {', '.join(sorted(odd))}"
            )


def name_system(context: AuthContext) -> str:
    """The calling system as its verified certificate names it (common name); empty if it names none."""
    names = [value.decode("utf-8", "replace") for value in context.get("x509_common_name", ())]
    return names[0] if len(names) == 1 else ""


def identify(context: AuthContext) -> Caller:
    """Who the peer is, by its verified certificate.

    Raises:
        UnidentifiedCallerError: no certificate, or one that names no organisation or several.
    """
    # `peer_uri` holds the URIs alone; `x509_subject_alternative_name` mixes them with host names.
    uris = {value.decode("utf-8", "replace") for value in context.get("peer_uri", ())}
    named = {uri.removeprefix(ORGANISATION_URN) for uri in uris if uri.startswith(ORGANISATION_URN)}
    if len(named) != 1 or "" in named:
        raise UnidentifiedCallerError
    return Caller(named.pop())
