"""Restricted desks: known only to those with business, and there only to people who are cleared for it.

To everybody else such a desk does not exist: neither listed nor got, and what is sent to it is refused as to
any unknown desk (docs/adr/0020).
"""

from services.kit.access.actor import Clearance, current_actor
from services.kit.access.errors import NoActorError
from services.kit.directory import Directory


def is_cleared() -> bool:
    """Whether the person who acts is cleared for restricted desks; nobody is where no person acts."""
    try:
        person = current_actor().person
    except NoActorError:
        return False
    return person is not None and Clearance.RESTRICTED in person.clearances


def is_seen(
    directory: Directory, viewer: str, organisation: str, desk: str, *, cleared: bool | None = None
) -> bool:
    """Whether there is such a desk, as far as the caller may know.

    Args:
        directory: in use.
        viewer: the organisation that asks.
        organisation: whose desk.
        desk: its id.
        cleared: whether the person is cleared; None: the one who acts now.
    """
    found = directory.desk_seen_by(viewer, organisation, desk)
    cleared = is_cleared() if cleared is None else cleared
    return found is not None and (cleared or not found.restricted)
