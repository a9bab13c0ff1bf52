"""Where the broker is, who we are to it, and how patient we are."""

from __future__ import annotations

import ssl
from pathlib import Path

import pika
from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from services.kit.bus.errors import BusSettingsError
from services.kit.credentials import CredentialError, read_secret


class BusSettings(BaseModel):
    """Settings of one bus; secrets are named by file, never carried.

    Attributes:
        host: The broker's name, as in its certificate.
        port: Its AMQP-over-TLS port.
        virtual_host: The virtual host.
        user: Our user; also the `user_id` of every message that we publish, which the broker checks.
        password_file: Holds the password; surrounding white space is ignored. Read at every connection.
        ca_file: PEM of the authority that issued the broker's certificate.
        certificate_file: Our client certificate, PEM; with `key_file`, or neither.
        key_file: Its private key, PEM.
        connection_name: How operators recognise us.
        heartbeat_s: Two missed heartbeats and a connection counts as lost.
        connect_timeout_s: For one attempt: TCP, TLS and log-in together.
        publish_timeout_s: How long `publish_many` waits for confirms unless told otherwise.
        max_message_octets: Larger messages are neither sent nor surfaced.
        window_messages: Messages sent and not yet confirmed.
        window_octets: Their bytes.
        backoff_first_s: First delay before connecting again; doubles, with jitter.
        backoff_limit_s: Longest such delay.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(min_length=1)
    port: int = Field(default=5671, ge=1, le=65535)
    virtual_host: str = "ppg"
    user: str = Field(min_length=1)
    password_file: Path
    ca_file: Path
    certificate_file: Path | None = None
    key_file: Path | None = None
    connection_name: str = ""
    heartbeat_s: PositiveInt = 20
    connect_timeout_s: PositiveFloat = 15
    publish_timeout_s: PositiveFloat = 10
    max_message_octets: PositiveInt = 8 * 1024**2
    window_messages: PositiveInt = 1000
    window_octets: PositiveInt = 64 * 1024**2
    backoff_first_s: PositiveFloat = 0.2
    backoff_limit_s: PositiveFloat = 10

    @model_validator(mode="after")
    def _refuse_half_an_identity(self) -> BusSettings:
        if (self.certificate_file is None) != (self.key_file is None):
            raise ValueError("certificate_file and key_file go together")
        return self


def connection_parameters(settings: BusSettings, role: str) -> pika.ConnectionParameters:
    """Read the files and return pika's parameters for one connection of this role.

    Raises:
        BusSettingsError: A file is missing, empty or not what it should be.
    """
    return pika.ConnectionParameters(
        host=settings.host,
        port=settings.port,
        virtual_host=settings.virtual_host,
        credentials=pika.PlainCredentials(
            settings.user, _password(settings.password_file), erase_on_connect=True
        ),
        ssl_options=pika.SSLOptions(_tls(settings), server_hostname=settings.host),
        heartbeat=settings.heartbeat_s,
        connection_attempts=1,
        retry_delay=0,
        socket_timeout=settings.connect_timeout_s,
        stack_timeout=settings.connect_timeout_s,
        client_properties={"connection_name": f"{settings.connection_name or settings.user} {role}"},
    )


def _password(path: Path) -> str:
    try:
        return read_secret(path).decode().strip()
    except (CredentialError, UnicodeDecodeError) as error:
        # Read at every connection, so that one that was made readable since the start is refused too.
        raise BusSettingsError(f"the password file cannot be used: {error}") from None


def _tls(settings: BusSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(settings.ca_file))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.certificate_file is not None and settings.key_file is not None:
            read_secret(settings.key_file)
            context.load_cert_chain(str(settings.certificate_file), str(settings.key_file))
    except CredentialError as error:
        raise BusSettingsError(str(error)) from None
    except OSError as error:  # ssl.SSLError is one of these
        raise BusSettingsError(f"cannot use the certificates of {settings.user}") from error
    return context
