"""What every answer carries: what a browser may load, keep and tell others."""

from collections.abc import Sequence
from typing import Final

from flask import Response

_HEADERS: Final = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), "
        "geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; object-src 'none'; form-action 'self'"
)


def secure(provider: Sequence[str], answer: Response) -> Response:
    """Adds the headers. Nothing is kept by anybody, unless a view said otherwise of what is no data.

    Args:
        provider: origins of the identity provider. A browser holds the redirect after a form to the list of
            where forms may go, and a form may lead there: to sign out, and when a token has ended.
        answer: what the view gave.
    """
    for name, value in _HEADERS.items():
        answer.headers[name] = value
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers["Content-Security-Policy"] = " ".join([_POLICY, *provider])
    return answer
