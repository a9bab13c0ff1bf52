"""Agreements as people write them: files of a folder, or a text that is proposed; checked first."""

from collections.abc import Mapping
from pathlib import Path

from gateway.adapters.files import agreement_check, folder_texts
from gateway.adapters.world import Grounds, WorldError
from gateway.app.agreement_import import Paper
from gateway.core.agreements import Agreement, load_agreements
from gateway.core.errors import AgreementError, DataError
from gateway.core.yaml_source import parse_yaml
from services.kit.directory import Directory

_PROPOSAL = "proposal"


def read_papers(folder: Path, grounds: Grounds) -> list[Paper]:
    """The agreements of a folder, checked as a whole.

    Raises:
        WorldError: a file says what it may not; or an agreement names an organisation that nobody knows.
    """
    try:
        texts = folder_texts(folder)
        _load(texts, grounds)
        papers = [Paper(text, load_agreements({name: text})[0]) for name, text in sorted(texts.items())]
    except DataError as error:
        raise WorldError(str(error), error.file, error.line) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WorldError(f"agreements cannot be read ({type(error).__name__})") from None
    for paper in papers:
        if unknown := unknown_parties(paper.terms, grounds.directory):
            raise WorldError(_advise(paper.terms, unknown[0]))
    return papers


def check_proposal(text: str, grounds: Grounds) -> Agreement:
    """Reads what is proposed.

    Raises:
        AgreementError: what it says cannot be agreed: the line, and what to write instead.
    """
    [terms] = _load({_PROPOSAL: text}, grounds)
    unknown = unknown_parties(terms, grounds.directory)
    if unknown:
        source = parse_yaml(_PROPOSAL, text, AgreementError)
        raise AgreementError(_PROPOSAL, source.line_of(("parties",)), terms.id, _advise(terms, unknown[0]))
    return terms


def unknown_parties(agreement: Agreement, directory: Directory) -> list[str]:
    """Parties that the directory does not list."""
    named = (each.organisation for each in agreement.parties)
    return sorted(name for name in named if directory.organisation(name) is None)


def _load(texts: Mapping[str, str], grounds: Grounds) -> tuple[Agreement, ...]:
    world = grounds.world
    return load_agreements(texts, agreement_check(world.rulebook, world.directory))


def _advise(agreement: Agreement, unknown: str) -> str:
    return (
        f"agreement {agreement.id} {agreement.version} names {unknown}, which is not in the directory: "
        "have the scheme add it, or take it out of the agreement"
    )
