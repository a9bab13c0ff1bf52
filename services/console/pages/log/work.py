"""What somebody reads the log for: asked before anything is shown, remembered for this piece of work.

DPA 2018 section 62(4) names what a log may be used for; section 62(2) has the justification on record. The
gateway records both with each query, before it answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final, TypeVar

from flask import redirect, request, url_for
from publicprotection.oversight.v1.disclosure_log_service_pb2 import LogPurpose
from publicprotection.oversight.v1.subject_service_pb2 import Acting
from werkzeug.wrappers import Response

from services.console.session import current, keep

_SLOT: Final = "log_work"
_View = TypeVar("_View", bound=Callable[..., Any])

PURPOSES: Final = {
    LogPurpose.LOG_PURPOSE_VERIFY_LAWFULNESS: (
        "To check that processing was lawful",
        "A complaint, a subject access request, an audit of who was told what and why.",
    ),
    LogPurpose.LOG_PURPOSE_SELF_MONITORING: (
        "For self-monitoring",
        "Your organisation looks at its own work, disciplinary proceedings included.",
    ),
    LogPurpose.LOG_PURPOSE_INTEGRITY_AND_SECURITY: (
        "To keep personal data whole and secure",
        "A suspected breach, an alarm, a check that nothing was altered.",
    ),
    LogPurpose.LOG_PURPOSE_CRIMINAL_PROCEEDINGS: (
        "For criminal proceedings",
        "Evidence for an investigation, the prosecution or the defence.",
    ),
}
"""The four, in words, with examples."""


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of work.

    Attributes:
        purpose: one of the four.
        reason: in the person's own words.
    """

    purpose: LogPurpose.ValueType
    reason: str

    @property
    def words(self) -> str:
        """The purpose in words."""
        return PURPOSES[self.purpose][0]

    def asked(self) -> dict[str, Any]:
        """Members of a request that say so."""
        return {"purpose": self.purpose, "acting": Acting(reason=self.reason)}


def find_work() -> Work | None:
    """The piece of work under way in this session."""
    found: Work | None = current().get(_SLOT)
    return found


def begin_work(work: Work) -> None:
    """Remembers a piece of work for the session, in place of the last."""
    current()[_SLOT] = work


def end_work() -> None:
    """Forgets it: the next page asks again."""
    current().pop(_SLOT, None)


def for_a_purpose(view: _View) -> _View:
    """A page that is shown for a purpose alone: the view's first argument is the Work.

    Whoever has not said what for is asked first, and comes back to the page asked for.
    """

    @wraps(view)
    def ask_first(*args: Any, **kwargs: Any) -> Any:
        work = find_work()
        return ask_why() if work is None else view(work, *args, **kwargs)

    return ask_first  # type: ignore[return-value]  # it takes one argument less, as the address has it


def ask_why() -> Response:
    """To the page that asks what for; then back to this one, or to its beginning where a form was sent."""
    back = request.full_path if request.method == "GET" else url_for("log.show_log")
    return redirect(url_for("log.ask", then=keep(back)), 303)
