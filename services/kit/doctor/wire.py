"""Reaching a peer step by step, so that each step can be told from the others: name, TCP, TLS."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

CONNECT_S: Final = 5.0

# Numbers of OpenSSL's X509_V_ERR_*.
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_OTHER_NAME: Final = (62, 64)
_HANDSHAKE_S: Final = 5.0


class UnreachableError(Exception):
    """A step failed; says which and what to do."""


@contextmanager
def reach(host: str, port: int) -> Iterator[socket.socket]:
    """A TCP connection.

    Raises:
        UnreachableError: the name is unknown, nothing listens, or nobody answers.
    """
    try:
        connection = socket.create_connection((host, port), timeout=CONNECT_S)
    except socket.gaierror:
        raise UnreachableError(
            f"the name {host} is not known here: correct it, or the name service"
        ) from None
    except ConnectionRefusedError:
        raise UnreachableError(
            f"nothing listens on {host}:{port}: start it, or correct host and port"
        ) from None
    except OSError as error:
        raise UnreachableError(
            f"{host}:{port} does not answer ({type(error).__name__}): see to network and firewall"
        ) from None
    with connection:
        yield connection


@contextmanager
def secure(
    connection: socket.socket,
    host: str,
    authority: Path | None,
    pair: tuple[Path, Path] | None,
    *protocols: str,
) -> Iterator[ssl.SSLSocket]:
    """TLS on a connection, with the peer's certificate checked.

    Args:
        connection: from `reach`.
        host: as the peer's certificate must name it.
        authority: PEM; who must have issued it. The system's own, if None.
        pair: own certificate and key, where there is one.
        protocols: for ALPN, such as `h2`.

    Raises:
        UnreachableError: the certificate is another's, over, not yet valid or for another name, or TLS fails.
    """
    try:
        context = ssl.create_default_context(cafile=authority)
        if pair is not None:
            context.load_cert_chain(*map(str, pair))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        connection.settimeout(_HANDSHAKE_S)
        secured = context.wrap_socket(connection, server_hostname=host)
    except ssl.SSLCertVerificationError as error:
        raise UnreachableError(_explain(error, host, authority)) from None
    except OSError as error:  # ssl.SSLError is one of these
        raise UnreachableError(
            f"TLS with {host} fails ({type(error).__name__}): see that the port speaks TLS, and that own "
            "certificate, key and authority are PEM files that belong together"
        ) from None
    with secured:
        yield secured


def _explain(error: ssl.SSLCertVerificationError, host: str, authority: Path | None) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return f"the certificate of {host} has expired: have it renewed, or check this machine's clock"
    if code == _NOT_YET_VALID:
        return f"the certificate of {host} is not valid yet: check this machine's clock"
    if code in _OTHER_NAME:
        return f"the certificate shown is not for {host}: use the name that it is for, or have one issued"
    place = authority or "the system's list"
    return f"no authority in {place} issued the certificate of {host}: name the authority that did"
