"""Who is at the other end of a connection, by its verified certificate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.kit.credentials import ORGANISATION_URN
from services.kit.rpc.errors import UnidentifiedCallerError

AuthContext = Mapping[str, Iterable[bytes]]
"""What gRPC knows of a peer: `context.auth_context()`."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end.

    Attributes:
        organisation: as its certificate names it.
        certificate: in PEM.
    """

    organisation: str
    certificate: bytes


def identify(context: AuthContext) -> Peer:
    """Who the peer is.

    Raises:
        UnidentifiedCallerError: no certificate, or one that names no organisation or several.
    """
    # `peer_uri` holds the URIs alone; `x509_subject_alternative_name` mixes them with host names.
    uris = {value.decode("utf-8", "replace") for value in context.get("peer_uri", ())}
    named = {uri.removeprefix(ORGANISATION_URN) for uri in uris if uri.startswith(ORGANISATION_URN)}
    shown = list(context.get("x509_pem_cert", ()))
    if len(named) != 1 or "" in named or len(shown) != 1:
        raise UnidentifiedCallerError
    return Peer(named.pop(), shown[0])


def name_system(context: AuthContext) -> str:
    """The calling system as its certificate names it (common name); empty if it names none."""
    names = [value.decode("utf-8", "replace") for value in context.get("x509_common_name", ())]
    return names[0] if len(names) == 1 else ""
