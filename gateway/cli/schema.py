"""`ppg schema`: what somebody who never saw the code needs in order to write a case."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import facts_pb2, header_pb2
from publicprotection.privacy.v1 import privacy_pb2

from gateway.cli.schema_forms import EXAMPLE, FORMS
from gateway.core.agreements import Agreement
from gateway.core.cases import CaseFile
from gateway.core.categories import known_categories, leaf_kinds
from gateway.core.clocks import Clock, all_clocks
from gateway.core.documents import descriptor_of, document_class, options_of, sendable_by, shareable_documents
from gateway.core.facts import assertable_by, fact_scope
from gateway.core.model import Flag, Outcome
from gateway.core.vocabulary import KIND_PREFIX, fact_names, kind_name, short_names
from gateway.core.world import World
from services.kit.evidence.paths import fields_along


def describe(world: World) -> dict[str, Any]:
    """Everything a case may name, as plain JSON values."""
    book = world.rulebook
    return {
        "rulebook": book.version,
        "case_file": CaseFile.model_json_schema(),
        "forms": FORMS,
        "example": EXAMPLE,
        "documents": {name: _document(name) for name in shareable_documents()},
        "facts": {name: _fact(name) for name in fact_names()},
        "purposes": list(short_names(header_pb2.Purpose, "PURPOSE_")),
        "lawful_bases": {
            name: [row.model_dump(mode="json", exclude_defaults=True) for row in rows]
            for name, rows in book.bases.items()
        },
        "conditions": {name: list(each.regimes) for name, each in book.conditions.items()},
        "urgencies": list(short_names(header_pb2.Urgency, "URGENCY_")),
        "markings": list(short_names(organisation_pb2.Marking, "MARKING_")),
        "release_kinds": list(short_names(header_pb2.ReleaseKind, "RELEASE_KIND_")),
        "kinds": {
            name: {"standing": kind.standing, "may_send": _may_send(name)}
            for name, kind in book.kinds.items()
        },
        "organisations": {
            each.organisation: {
                "kind": kind_name(each.kind),
                "area": each.area,
                "desks": [desk.desk for desk in each.desks],
            }
            for each in world.directory.organisations.values()
        },
        "agreements": {
            f"{each.id} {each.version}": {
                clause.id: clause.model_dump(mode="json") for clause in each.clauses
            }
            for each in world.agreements
        },
        "agreement_terms": {f"{each.id} {each.version}": _terms(each) for each in world.agreements},
        "rules": {each.rule.id: _rule(each.rule) for each in book.rules},
        "checks": {
            gate.id: {"paragraph": gate.paragraph, "reason": gate.reason}
            for gate in dict(book.gates).values()
        },
        "prerequisites": {name: each.model_dump(mode="json") for name, each in book.prerequisites.items()},
        "categories": sorted(known_categories()),
        "protective": sorted(book.protective),
        "outcomes": [str(each) for each in Outcome],
        "flags": [str(each) for each in Flag],
        "clocks": {each.id: _clock(each) for each in all_clocks(book)},
        "time_limits": {name: each.limit.model_dump(mode="json") for name, each in book.limits.by_id.items()},
    }


def _terms(agreement: Agreement) -> dict[str, Any]:
    """What of an agreement a decision reads beside its clauses."""
    heads = {"state", "parties", "suspended", "purposes", "marking_ceiling", "starts", "expiry"}
    bases = {each.regime: list(each.bases) for each in agreement.lawful_bases}
    return {**agreement.model_dump(mode="json", include=heads), "lawful_bases": bases}


def _clock(clock: Clock) -> dict[str, Any]:
    return {"working_days": clock.working_days, "paragraph": clock.paragraph, "title": clock.title}


def _document(name: str) -> dict[str, Any]:
    descriptor = descriptor_of(document_class(name))
    options = options_of(descriptor)
    return {
        "title": options.title,
        "paragraphs": list(options.paragraphs),
        "carries": list(options.carries),
        "leaves": {
            shape.removeprefix("document."): {
                "category": kind.category,
                "special": kind.special,
                "criminal": kind.criminal,
                "free_text": kind.free_text,
                **_type(fields_along(shape, descriptor)),
            }
            for shape, kind in leaf_kinds(descriptor)
        },
    }


def _type(fields: tuple[FieldDescriptor, ...]) -> dict[str, Any]:
    leaf = fields[-1]
    repeated = [
        ".".join(each.name for each in fields[: index + 1])
        for index, each in enumerate(fields)
        if each.is_repeated
    ]
    described: dict[str, Any] = {"type": _type_name(leaf)}
    if repeated:
        described["lists"] = repeated
    if leaf.enum_type is not None:
        prefix = leaf.enum_type.values[0].name.removesuffix("UNSPECIFIED")
        described["values"] = [each.name.removeprefix(prefix) for each in leaf.enum_type.values[1:]]
    return described


def _type_name(leaf: FieldDescriptor) -> str:
    if leaf.message_type is not None:
        return leaf.message_type.name
    names = {
        FieldDescriptor.TYPE_BOOL: "boolean",
        FieldDescriptor.TYPE_STRING: "text",
        FieldDescriptor.TYPE_ENUM: "enum",
        FieldDescriptor.TYPE_BYTES: "bytes",
    }
    return names.get(leaf.type, "number")


def _fact(name: str) -> dict[str, Any]:
    field = facts_pb2.Facts.DESCRIPTOR.fields_by_name[name]
    about = field.GetOptions().Extensions[privacy_pb2.about]
    return {
        "scope": fact_scope(name).value,
        "list": field.is_repeated,
        "about": privacy_pb2.About.Name(about).removeprefix("ABOUT_"),
        "assertable_by": sorted(kind_name(kind) for kind in assertable_by(name))
        or ["the information's owner"],
    }


def _may_send(kind: str) -> list[str]:
    return sorted(_shareable(organisation_pb2.OrganisationKind.Value(KIND_PREFIX + kind)))


def _shareable(kind: int) -> Iterator[str]:
    yield from (name for name in sendable_by(kind) if name in shareable_documents())


def _rule(rule: Any) -> dict[str, Any]:
    described: dict[str, Any] = rule.model_dump(mode="json", exclude_defaults=True)
    return described
