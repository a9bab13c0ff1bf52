"""Before each page: whether the request may be looked at at all, and whether somebody is signed in."""

import time
from typing import Final

from flask import abort, request
from werkzeug.wrappers import Response

from services.console import access_log, renewal, session
from services.console.faults import show_fault

OPEN: Final = frozenset(
    {
        "assets.serve", "sign_in.begin", "sign_in.finish", "sign_in.signed_out",
        "about.show_accessibility", "about.show_cookies",
    }
)  # fmt: skip
"""What is shown to whoever asks."""

READING: Final = frozenset({"GET", "HEAD"})
RENEW_S: Final = 30
"""How long before its end a token is renewed, if the person reads."""

LEAST_S: Final = 5
"""How long a token must last for what changes something: the call must arrive before its end."""


def check_request(host: str) -> Response | None:
    """Refuses what is meant for another host, and what another site's page sends.

    A form has its own token against that as well; this needs no form.
    """
    access_log.begin()
    if request.host != host:
        return show_fault(400)
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.method not in READING and site not in {"same-origin", "none"}:
        abort(400)
    return None


def check_person() -> Response | None:
    """Has whoever is not signed in sign in first, and renews a token that is about to end."""
    if request.endpoint is None or request.endpoint in OPEN:
        return None
    signed_in = session.current().signed_in
    if signed_in is None:
        return renewal.send_to_sign_in()
    lasts_s = signed_in.ends_at - time.time()
    if request.method in READING:
        return renewal.renew_early(lasts_s) if lasts_s < RENEW_S else None
    return renewal.keep_form() if lasts_s < LEAST_S else None
