"""What is sent in an area: the forms of `forms.yaml`, made into documents and headers about somebody."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import yaml
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import IdentifierSystem
from publicprotection.exchange.v1.header_pb2 import Header

from deploy.area.names import ADULT, OFFENDER, Invented
from gateway.core.documents import document_class
from gateway.core.subjects.people import case_paths

SOURCE: Final = Path(__file__).with_name("forms.yaml")
NECESSITY: Final = "They need it to protect those whom this concerns."
ORGANISATIONS: Final = (
    "kent-police",
    "kent-probation",
    "marlfield-prison",
    "kent-childrens",
    "kent-adults",
    "kent-mappa-unit",
    "dwp-kent",
    "kent-housing",
    "kent-marac",
    "kent-idva",
)
"""Those that exchange in a generated area."""


@dataclass(frozen=True)
class Form:
    """One way of sending one document.

    Attributes:
        document: as protobuf JSON.
        to: organisations; each gets it at its first desk.
        replies: types of documents that answer it.
        codes: purpose, bases, conditions, facts, urgency and necessity as the file has them.
    """

    document_type: str
    document: str
    sender: str
    to: tuple[str, ...]
    replies: tuple[str, ...]
    codes: Mapping[str, Any]

    @property
    def names_subject(self) -> bool:
        """Whether the document says whose case it is; if not, it can only answer another."""
        return any(True for _ in case_paths(self.build_document(None)))

    @property
    def kind(self) -> str:
        """Of the subject of its case."""
        path = next(iter(case_paths(self.build_document(None))), "document.subject")
        return ADULT if path == "document.adult" else OFFENDER

    def build_document(self, about: Invented | None) -> Message:
        """The document, about somebody."""
        message = document_class(self.document_type)()
        ParseDict(json.loads(self.document), message)
        if about is not None:
            for path in case_paths(message):
                _name(_find(message, path), about)
        return message

    def build_header(self, author: tuple[str, str], request_id: str, desks: Mapping[str, str]) -> Header:
        """The header; `desks` says to which desk of each organisation it goes."""
        codes = self.codes
        stated: dict[str, Any] = {
            "recipients": [{"organisation": each, "desk": desks[each]} for each in self.to],
            "purpose": f"PURPOSE_{codes['purpose']}",
            "lawfulBases": [f"LAWFUL_BASIS_{each}" for each in codes.get("bases", ())],
            "conditions": [f"PROCESSING_CONDITION_{each}" for each in codes.get("conditions", ())],
            "necessity": codes.get("necessity", NECESSITY),
            "author": dict(zip(("name", "role"), author, strict=True)),
            "marking": "MARKING_OFFICIAL_SENSITIVE",
            "requestId": request_id,
            "facts": {name: {"answer": f"ANSWER_{said}"} for name, said in codes.get("facts", {}).items()},
            "urgency": f"URGENCY_{codes.get('urgency', 'ROUTINE')}",
        }
        if "release_kind" in codes:
            stated["releaseKind"] = f"RELEASE_KIND_{codes['release_kind']}"
        if not stated["facts"]:
            del stated["facts"]
        return ParseDict(stated, Header())


def read_forms(source: Path = SOURCE) -> list[Form]:
    """All forms of the file, in its order."""
    content: list[dict[str, Any]] = yaml.load(source.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [_form(entry, way) for entry in content for way in entry["ways"]]


def choose_forms(forms: list[Form], most: int, random: Random) -> list[Form]:
    """So many at most, each document type as often as the others as long as it has forms."""
    by_type: dict[str, list[Form]] = {}
    for form in random.sample(forms, len(forms)):
        by_type.setdefault(form.document_type, []).append(form)
    chosen: list[Form] = []
    while len(chosen) < min(most, len(forms)):
        chosen += [waiting.pop() for waiting in by_type.values() if waiting]
    return chosen[:most]


def _form(entry: Mapping[str, Any], way: Mapping[str, Any]) -> Form:
    document = json.dumps(entry["documents"][way.get("document", 0)], default=str)
    to, replies = tuple(way["to"]), tuple(entry.get("replies", ()))
    return Form(entry["document_type"], document, way["from"], to, replies, way)


def _find(message: Any, path: str) -> Any:
    for name in path.split(".")[1:]:
        message = getattr(message, name)
    return message


def _name(person: Any, about: Invented) -> None:
    """Puts somebody in the place of whom the form names."""
    person.name.given, person.name.family = about.given, about.family
    fields = person.DESCRIPTOR.fields_by_name
    for name in {"aliases", "identifiers", "date_of_birth"} & set(fields):
        person.ClearField(name)
    if "date_of_birth" in fields:
        year, month, day = about.birth
        person.date_of_birth.CopyFrom(Date(year=year, month=month, day=day))
    if "identifiers" in fields:
        person.identifiers.add(system=IdentifierSystem.Value(about.system), value=about.identifier)
