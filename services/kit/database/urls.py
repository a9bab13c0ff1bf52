"""Reading a database's URL."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from services.kit.database.errors import DatabaseUrlError

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
_DRIVERS: Final = ("sqlite+aiosqlite", "postgresql+psycopg")
_QUERY: Final = frozenset({"host", "port"})  # a socket's folder, or several hosts of which one leads
_ADVICE: Final = "use sqlite+aiosqlite:/// and the path of a file, or postgresql+psycopg:// and a server's"


def parse_url(text: str) -> URL:
    """Reads a URL: a file of SQLite, or a database of PostgreSQL without password.

    Raises:
        DatabaseUrlError: it is neither, or says in its query what belongs in the settings.
    """
    try:
        url = make_url(text)
    except ArgumentError:
        raise DatabaseUrlError("url_malformed", f"the database's URL is malformed: {_ADVICE}") from None
    if url.drivername not in _DRIVERS:
        raise DatabaseUrlError("database_not_supported", _ADVICE)
    if is_postgresql(url):
        _check_server(url)
    elif not url.database or url.database == ":memory:":
        raise DatabaseUrlError(
            "database_not_supported", "the database must be a file: in memory nothing is durable"
        )
    return url


def is_postgresql(url: URL) -> bool:
    """Whether a URL is of PostgreSQL; otherwise it is of SQLite."""
    return url.get_backend_name() == POSTGRESQL


def is_local(url: URL) -> bool:
    """Whether nothing of what is said to a server leaves this machine: a socket's folder, or loopback."""
    return all(_stays_here(host) for host in _list_hosts(url))


def _check_server(url: URL) -> None:
    if url.password is not None:
        raise DatabaseUrlError(
            "url_with_password", "take the password out of the URL: name a password_file beside it instead"
        )
    if not url.database:
        raise DatabaseUrlError("url_incomplete", "the database's URL names no database: add /name to it")
    if set(url.query) - _QUERY:
        raise DatabaseUrlError(
            "url_with_options",
            "the URL's query may name host and port alone: the rest is for the settings beside it",
        )
    if not _list_hosts(url):
        raise DatabaseUrlError("url_incomplete", "the database's URL names no host")


def _list_hosts(url: URL) -> list[str]:
    named = url.query.get("host", ())
    more: Sequence[str] = (named,) if isinstance(named, str) else named
    return [
        host for host in ([url.host] if url.host else []) + [_without_port(each) for each in more] if host
    ]


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() and not host.startswith("/") else host


def _stays_here(host: str) -> bool:
    if host.startswith("/") or host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
