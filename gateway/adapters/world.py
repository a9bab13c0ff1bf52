"""What decisions rest on: the rulebook, the agreements and the directory, checked against each other."""

from pathlib import Path

from gateway.adapters.files import read_agreements, read_rulebook
from gateway.core.agreements import Agreement
from gateway.core.directory import DirectoryIndex
from gateway.core.errors import DataError
from gateway.core.world import World
from services.kit.directory import Directory


class WorldError(Exception):
    """Rulebook, agreements and directory cannot be used together; says what to do."""


def load_world(rulebook: Path, agreements: Path, directory: Directory) -> World:
    """Reads rulebook and agreements, and checks that the agreements' parties are in the directory.

    Raises:
        WorldError: a file says what it may not; or an agreement names an organisation that nobody knows.
    """
    index = DirectoryIndex(directory.organisations)
    try:
        book = read_rulebook(rulebook)
        known = read_agreements(agreements, book, index)
    except DataError as error:
        raise WorldError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WorldError(f"rulebook or agreements cannot be read ({type(error).__name__})") from None
    for agreement in known:
        _check_parties(agreement, directory)
    return World(index, known, book)


def _check_parties(agreement: Agreement, directory: Directory) -> None:
    unknown = sorted(
        party.organisation
        for party in agreement.parties
        if directory.organisation(party.organisation) is None
    )
    if unknown:
        raise WorldError(
            f"agreement {agreement.id} {agreement.version} names {unknown[0]}, which is not in the "
            "directory: have the scheme add it, or take it out of the agreement"
        )
