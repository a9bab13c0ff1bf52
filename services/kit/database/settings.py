"""Settings of a process's database."""

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator
from sqlalchemy.engine import URL

from services.kit.credentials import read_public, read_secret
from services.kit.database.errors import DatabaseUrlError
from services.kit.database.urls import is_local, is_postgresql, parse_url


class DatabaseAccess(BaseModel):
    """How a process shows a PostgreSQL server who it is, and knows the server. SQLite needs none of it.

    Attributes:
        password_file: holds the password; surrounding white space is ignored. Read at every connection.
        ca_file: PEM; the authority whose certificate the server must show, for the host that the URL names.
            Not needed where nothing leaves the machine.
        certificate_file: PEM; own certificate, where the server asks for one.
        key_file: PEM; its private key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None

    def require_match(self, url: str) -> URL:
        """Reads a URL (`parse_url`) and checks that these files belong to it; reads none of them.

        Raises:
            DatabaseUrlError: they do not, or the URL is not supported.
        """
        parsed = parse_url(url)
        given = (self.password_file, self.ca_file, self.certificate_file, self.key_file)
        if not is_postgresql(parsed):
            if any(given):
                raise DatabaseUrlError("access_not_needed", "SQLite takes no password, and speaks no TLS")
        elif (self.certificate_file is None) != (self.key_file is None):
            raise DatabaseUrlError("access_incomplete", "give certificate_file and key_file, or neither")
        elif self.ca_file is None and (self.certificate_file is not None or not is_local(parsed)):
            raise DatabaseUrlError("access_incomplete", "over a network, ca_file says who the server must be")
        return parsed

    def read_files(self) -> None:
        """Checks that the files named are there and private enough; CredentialError says what to do."""
        for secret in (self.password_file, self.key_file):
            if secret is not None:
                read_secret(secret)
        for public in (self.ca_file, self.certificate_file):
            if public is not None:
                read_public(public)


def _check_url(url: str) -> str:
    try:
        parse_url(url)
    except DatabaseUrlError as error:
        raise ValueError(str(error)) from None
    return url


class DatabaseSettings(DatabaseAccess):
    """A process's own database.

    Attributes:
        url: SQLAlchemy URL, without a password: `sqlite+aiosqlite:////var/lib/ppg/ppg.db` (the path
            absolute), `postgresql+psycopg://user@host:5432/name`, or
            `postgresql+psycopg://user@/name?host=/run/postgresql`. Several `host=` are tried in turn for the
            one that leads.
    """

    url: Annotated[str, AfterValidator(_check_url)]

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        try:
            self.require_match(self.url)
        except DatabaseUrlError as error:
            raise ValueError(str(error)) from None
        return self


NO_ACCESS: Final = DatabaseAccess()
