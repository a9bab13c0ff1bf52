"""Before each page: whether the request may be looked at at all, and whether somebody is signed in."""

from typing import Final

from flask import Response, abort, request
from werkzeug.wrappers import Response as BaseResponse

from services.console import session
from services.console.pages import sign_in

OPEN: Final = frozenset({"assets.serve", "sign_in.begin", "sign_in.finish", "sign_in.signed_out"})
"""What is shown to whoever asks."""

_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OWN_SITES: Final = frozenset({"same-origin"})


def check() -> BaseResponse | Response | None:
    """The answer instead of the page, if it is not to be shown; also refuses what another site sends."""
    site = request.headers.get("Sec-Fetch-Site")
    if request.method in _CHANGING and site is not None and site not in _OWN_SITES:
        abort(400)
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    if session.current().signed_in is None:
        return sign_in.send_to_sign_in()
    return None
