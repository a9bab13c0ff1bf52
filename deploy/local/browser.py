"""A browser that can do one thing: fill in the page on which people sign in at the bundled provider."""

from __future__ import annotations

from html.parser import HTMLParser
from http import HTTPStatus
from ssl import SSLContext
from typing import Final
from urllib.parse import urljoin

import httpx

_TIMEOUT_S: Final = 20.0


class SignInRefusedError(RuntimeError):
    """The provider did not let this person sign in."""


class Browser:
    """Keeps cookies, and so a session at the provider, as a person's browser does.

    Args:
        trust: Whom it believes; it shows no certificate.
    """

    def __init__(self, trust: SSLContext) -> None:
        self._http: Final = httpx.Client(verify=trust, trust_env=False, timeout=_TIMEOUT_S)

    def sign_in(self, url: str, user: str, password: str) -> str:
        """Open an address at the provider and sign in if asked to; where the browser is sent then.

        Raises:
            SignInRefusedError: It is sent nowhere.
            httpx.HTTPError: The provider does not answer.
        """
        page = self._http.get(url)
        if page.status_code == HTTPStatus.OK:
            form = {"csrf_token": _find_token(page.text), "user": user, "password": password}
            page = self._http.post(url, data=form, headers={"Referer": url})
        if not page.has_redirect_location:
            raise SignInRefusedError(f"the provider answered {page.status_code}")
        return urljoin(url, page.headers["Location"])

    def close(self) -> None:
        """Close connections."""
        self._http.close()


class _Form(HTMLParser):
    token = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name") == "csrf_token":
            self.token = given.get("value") or ""


def _find_token(page: str) -> str:
    form = _Form()
    form.feed(page)
    return form.token
