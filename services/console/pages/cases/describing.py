"""Who somebody is, from what several exchanges said: what they said alike stands once."""

from collections.abc import Iterator

from publicprotection.common.v1.person_pb2 import IdentifierSystem
from publicprotection.oversight.v1.subject_service_pb2 import Subject, SubjectDescription

from services.console.words import day, enum_words


def describe_subject(subject: Subject) -> dict[str, list[str]]:
    """From label to what was said, in the order in which it was; empty where nothing is known any more."""
    known: dict[str, dict[str, None]] = {}
    for said in subject.descriptions:
        for label, text in _said(said):
            known.setdefault(label, {})[text] = None
    return {label: list(texts) for label, texts in known.items()}


def _said(said: SubjectDescription) -> Iterator[tuple[str, str]]:
    if said.name:
        yield "Name", said.name
    if said.HasField("date_of_birth"):
        yield "Date of birth", day(said.date_of_birth)
    for alias in said.aliases:
        yield "Also known as", alias
    for each in said.identifiers:
        yield enum_words(each.system, IdentifierSystem), each.value
