"""Settings of one console, from one TOML file; relative paths start from its folder.

Unknown keys, missing files and secrets that others can read all refuse to start, with what to do. They are
the kit's, and not the console's, since `ppg doctor` reads them too.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, model_validator

from services.kit.access.settings import AgencyIdentitySettings
from services.kit.settings import DirectorySettings, GatewaySettings, Listen, TlsFiles, load_as, parse_as

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
_HTTPS_PORT: Final = 443


def _check_origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or url != f"https://{parts.netloc}" or "@" in url:
        raise ValueError("must be https://host or https://host:port and nothing after it")
    if parts.port == _HTTPS_PORT or url != url.lower():
        raise ValueError("must be as browsers state it: in lower case, and without the port 443")
    return url


Origin = Annotated[str, AfterValidator(_check_origin)]


class AgencySettings(GatewaySettings):
    """Where the own organisation's service answers.

    Attributes:
        address: host and port, as in that service's certificate.
    """


class SignInSettings(BaseModel):
    """Where people sign in.

    Attributes:
        issuer: the provider's name and address; one of `identity.issuers`.
        browser_origins: where else a browser is sent to there, if signing out has a host of its own.
        scope: what the provider wants to be asked for.
    """

    model_config = _STRICT

    issuer: str = Field(min_length=1, max_length=500)
    browser_origins: tuple[Origin, ...] = ()
    scope: str = "openid"


class SessionSettings(BaseModel):
    """How long people stay signed in.

    Attributes:
        idle_s: without a page asked for.
        absolute_s: since they signed in, whatever happens.
        most: at once.
    """

    model_config = _STRICT

    idle_s: PositiveInt = Field(default=30 * 60, le=4 * 3600)
    absolute_s: PositiveInt = Field(default=10 * 3600, le=24 * 3600)
    most: PositiveInt = Field(default=2_000, le=100_000)


class Limits(BaseModel):
    """How much, how many, how long.

    Attributes:
        threads: pages made at once.
        deadline_s: of one call to gateway or service.
        max_answer_octets: of one answer to such a call.
    """

    model_config = _STRICT

    threads: PositiveInt = Field(default=16, le=256)
    deadline_s: PositiveFloat = Field(default=10, le=60)
    max_answer_octets: PositiveInt = Field(default=16 << 20, le=64 << 20)


class Settings(BaseModel):
    """Everything that a console is told.

    Attributes:
        organisation: whose console it is, by the directory.
        address: where browsers find it, such as `https://console.example.org`.
        listen: where it takes their requests.
        tls: its certificate, shown to browsers, services and provider alike; it names the organisation.
        gateway: where the gateway answers.
        agency: where the own organisation's service answers.
        directory: the signed directory, with which proofs are verified.
        identity: whose word about people is believed, and how the console gets tokens of its own.
        sign_in: where people sign in.
        sessions: how long they stay signed in.
        limits: see there.
    """

    model_config = _STRICT

    organisation: str = Field(pattern="^[a-z][a-z0-9-]{1,62}$")
    address: Origin
    listen: Listen = Listen()
    tls: TlsFiles
    gateway: GatewaySettings
    agency: AgencySettings
    directory: DirectorySettings
    identity: AgencyIdentitySettings
    sign_in: SignInSettings
    sessions: SessionSettings = SessionSettings()
    limits: Limits = Limits()

    @model_validator(mode="after")
    def _check_issuer(self) -> Self:
        known = {issuer.issuer: issuer for issuer in self.identity.issuers}
        issuer = known.get(self.sign_in.issuer)
        if issuer is None or self.organisation not in issuer.organisations:
            raise ValueError(
                "sign_in.issuer must be one of identity.issuers, and speak for this organisation"
            )
        return self

    @property
    def host(self) -> str:
        """What browsers state as Host."""
        return urlsplit(self.address).netloc


def load_settings(path: Path) -> Settings:
    """Reads the settings, and checks the files that they name; SettingsError says what to do."""
    return load_as(Settings, path)


def parse_settings(content: Mapping[str, Any], path: Path) -> Settings:
    """Makes settings of what a file holds; relative paths start from its folder. Reads no other file."""
    return parse_as(Settings, content, path)
