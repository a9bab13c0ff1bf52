"""Settings of identity: whose word about systems and persons is believed, and how a process gets its own.

Any OAuth 2 provider that binds tokens to certificates (RFC 8705) can be named here; where it calls claims and
roles by other names, the settings say how.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, PositiveFloat, model_validator

from services.kit.access.actor import Role

_STRICT: Final = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
_HTTPS: Final = "https"

Algorithm = Literal["Ed25519", "EdDSA", "ES256", "ES384", "PS256", "RS256"]
"""Signatures that a provider may be allowed: none by a shared secret, and `none` is no signature."""


class ClaimNames(BaseModel):
    """What a provider calls the claims that the standards leave to it."""

    model_config = _STRICT

    client: str = "client_id"
    organisation: str = "organisation"
    name: str = "name"
    job: str = "job"
    roles: str = "roles"
    desk: str = "desk"
    area: str = "area"
    clearances: str = "clearances"


class IssuerSettings(BaseModel):
    """One identity provider, and for whom it may speak.

    Attributes:
        issuer: its name, exactly as tokens state it.
        jwks_url: where its public keys are, over HTTPS; this or `jwks_file`.
        jwks_file: a file of its public keys, which is read again like those of a URL.
        ca_file: the authority that issued the certificate of `jwks_url`; the system's own, if left out.
        organisations: for whose systems and persons it may speak.
        algorithms: by which it may sign.
        token_types: what its tokens call themselves; RFC 9068 has `at+jwt`.
        claims: what it calls the claims.
        role_names: its names of roles, and ours; ours by themselves need no entry.
        job_names: its names of jobs, and those that documents state as an author's role; as `role_names`.
        organisation_names: its names of organisations, and those of the directory; as `role_names`.
        leeway_s: by how much its clock and ours may differ.
        max_lifetime_s: a token made for longer is refused: it could not be taken back.
        refresh_s: after how long keys are looked for again.
        min_refresh_s: how often an unknown key may make us look again.
        max_stale_s: how long keys are used while the provider cannot be reached.
    """

    model_config = _STRICT

    issuer: str = Field(min_length=1, max_length=500)
    jwks_url: HttpUrl | None = None
    jwks_file: Path | None = None
    ca_file: Path | None = None
    organisations: frozenset[str] = Field(min_length=1)
    algorithms: tuple[Algorithm, ...] = Field(default=("Ed25519", "ES256"), min_length=1)
    token_types: tuple[str, ...] = Field(default=("at+jwt",), min_length=1)
    claims: ClaimNames = ClaimNames()
    role_names: Mapping[str, Role] = {}
    job_names: Mapping[str, str] = {}
    organisation_names: Mapping[str, str] = {}
    leeway_s: float = Field(default=5, ge=0, le=60)
    max_lifetime_s: PositiveFloat = Field(default=7200, le=86_400)
    refresh_s: PositiveFloat = 300
    min_refresh_s: PositiveFloat = 10
    max_stale_s: PositiveFloat = 3600

    @model_validator(mode="after")
    def _check_keys(self) -> Self:
        if (self.jwks_url is None) == (self.jwks_file is None):
            raise ValueError("name exactly one of jwks_url and jwks_file")
        if self.jwks_url is not None and self.jwks_url.scheme != _HTTPS:
            raise ValueError("jwks_url must be https: whoever can change the keys can be anybody")
        return self


class IdentitySettings(BaseModel):
    """Whose word about systems and persons is believed.

    Attributes:
        issuers: the identity providers; one for each name.
    """

    model_config = _STRICT

    issuers: tuple[IssuerSettings, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        if len({issuer.issuer for issuer in self.issuers}) != len(self.issuers):
            raise ValueError("names an issuer twice: which of the two is believed would be chance")
        return self

    def list_files(self) -> list[Path]:
        """The files that are named here: all of them public."""
        named = [(issuer.jwks_file, issuer.ca_file) for issuer in self.issuers]
        return [path for pair in named for path in pair if path is not None]

    def speaks_for(self, organisation: str) -> bool:
        """Whether anybody may speak for an organisation: without that, nobody of it gets in."""
        return any(organisation in issuer.organisations for issuer in self.issuers)


class ClientSettings(BaseModel):
    """How a process gets tokens of its own, by the certificate that it shows to its peers.

    Attributes:
        client_id: its id at the provider.
        token_url: where tokens are asked for, over HTTPS.
        ca_file: the authority that issued the certificate of `token_url`; the system's own, if left out.
        scope: what the provider wants to be asked for, if anything.
        timeout_s: for one answer.
    """

    model_config = _STRICT

    client_id: str = Field(min_length=1, max_length=200)
    token_url: HttpUrl
    ca_file: Path | None = None
    scope: str = ""
    timeout_s: PositiveFloat = 5

    @model_validator(mode="after")
    def _check_scheme(self) -> Self:
        if self.token_url.scheme != _HTTPS:
            raise ValueError("token_url must be https: a token is a secret until it ends")
        return self


class AgencyIdentitySettings(IdentitySettings):
    """As `IdentitySettings`, and how the agency's own service makes itself known to the gateway.

    Attributes:
        client: see there.
    """

    client: ClientSettings

    def list_files(self) -> list[Path]:
        """The files that are named here: all of them public."""
        own = self.client.ca_file
        return super().list_files() + ([] if own is None else [own])
