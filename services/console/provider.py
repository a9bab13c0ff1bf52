"""The identity provider, as the console needs it: whom to send there, and who comes back."""

import ssl
from collections.abc import Callable
from typing import Final, Protocol
from urllib.parse import urlsplit

from services.console.background import Background
from services.console.renewed import Renewed
from services.console.sessions import SignedIn
from services.console.settings import Settings
from services.kit.access.client import ClientCredentials, TokenUnavailableError, open_trust
from services.kit.access.persons import read_person
from services.kit.access.sign_in import PersonToken, SignIn
from services.kit.access.tokens import audience_of, open_verifier
from services.kit.clock import Clock
from services.kit.rpc.errors import CallError

FINISH_PATH: Final = "/signed-in"
LEFT_PATH: Final = "/signed-out"


class Asked(Protocol):
    """One sign-in under way; `services.kit.access.sign_in.SignIn` is one."""

    @property
    def state(self) -> str:
        """What the provider sends back."""

    def close(self) -> None:
        """Nobody waits for it any more."""


class Provider(Protocol):
    """Where people sign in. TokenUnavailableError: it is away, or refuses."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a browser may be sent to there."""

    def begin(self, *, prompt: str, max_age_s: int) -> tuple[Asked, str]:
        """A sign-in, and the address that the browser must open for it."""

    def finish(self, asked: Asked, arrived: str) -> SignedIn:
        """Who signed in, by the address to which the browser was sent back."""

    def leave(self, id_token: str) -> str:
        """The address at which the browser ends the session there."""


class OpenIdProvider:
    """A provider by OpenID Connect; the console makes itself known there by its certificate.

    Args:
        settings: of the console.
        background: runs what verifies tokens.
        clock: the time.
        trust: what is shown and believed there.
    """

    def __init__(
        self, settings: Settings, background: Background, clock: Clock, trust: Renewed[ssl.SSLContext]
    ) -> None:
        self._settings: Final = settings
        self._background: Final = background
        self._verifier: Final = open_verifier(settings.identity, settings.organisation, clock)
        self._trust: Final = trust

    @property
    def origins(self) -> tuple[str, ...]:
        """The provider's own, and what the settings add."""
        parts = urlsplit(self._settings.sign_in.issuer)
        return (f"{parts.scheme}://{parts.netloc}", *self._settings.sign_in.browser_origins)

    def begin(self, *, prompt: str, max_age_s: int) -> tuple[SignIn, str]:
        """As `Provider`."""
        asked = self._ask()
        return asked, asked.start(prompt=prompt, max_age_s=max_age_s)

    def finish(self, asked: Asked, arrived: str) -> SignedIn:
        """As `Provider`; also TokenUnavailableError if the token is not of somebody of this organisation."""
        if not isinstance(asked, SignIn):
            raise TokenUnavailableError
        given = asked.finish(arrived)
        try:
            return self._background.run(self._read(given))
        except (CallError, TimeoutError):
            raise TokenUnavailableError from None

    def leave(self, id_token: str) -> str:
        """As `Provider`."""
        asked = self._ask()
        try:
            return asked.leave(id_token, self._settings.address + LEFT_PATH)
        finally:
            asked.close()

    async def _read(self, given: PersonToken) -> SignedIn:
        person = read_person(await self._verifier.verify(given.token))
        if person.organisation != self._settings.organisation:
            raise TokenUnavailableError
        return SignedIn(person, given.token, given.ends_at, given.id_token)

    def _ask(self) -> SignIn:
        sign_in, client = self._settings.sign_in, self._settings.identity.client
        back = self._settings.address + FINISH_PATH
        return SignIn(sign_in.issuer, client.client_id, back, self._trust.get(), scope=sign_in.scope)


def system_token(settings: Settings, background: Background, clock: Clock, service: str) -> Callable[[], str]:
    """What gives the console's own tokens for a service, bound to the certificate that is in the files now.

    Raises:
        CredentialError: certificate, key or authority cannot be used.
    """
    client = settings.identity.client
    source = ClientCredentials(client, trust_of(settings), audience_of(service), clock)

    def fetch() -> str:
        try:
            return background.run(source.fetch())
        except TimeoutError:
            raise TokenUnavailableError from None

    return fetch


def trust_of(settings: Settings) -> ssl.SSLContext:
    """What is shown to the provider, and whom the console believes there; CredentialError as above."""
    return open_trust(settings.identity.client, settings.tls.certificate_file, settings.tls.key_file)
