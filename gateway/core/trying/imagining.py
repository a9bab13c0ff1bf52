"""The case that is tried: every field of the document present, and no value that means anything."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from publicprotection.exchange.v1 import header_pb2

from gateway.core.categories import category_of, leaf_kind
from gateway.core.directory import DirectoryIndex
from gateway.core.documents import descriptor_of, document_class
from gateway.core.facts import FactScope, assertable_by, fact_scope
from gateway.core.filling import fill_document
from gateway.core.flow import DOCUMENT
from gateway.core.model import TYPE_PATH, Case, Desk, KnownFact
from gateway.core.owners import OWNER
from gateway.core.trying.supposed import Supposed
from services.kit.evidence.leaves import flatten
from services.kit.evidence.paths import fields_along, parts_above, shape_of
from services.kit.evidence.values import JsonValue

_EXCHANGE: Final = "try"
_NECESSITY: Final = "Stated"
_POSTCODE: Final = "ZZ1 1ZZ"
_TEXT: Final = "-"
"""No name may stand in a text, or it would be masked there."""
_WHOLE: Final = DOCUMENT.removesuffix(".")


def imagine(supposed: Supposed, directory: DirectoryIndex, at: datetime) -> Case:
    """The case of what is supposed, with the facts asserted by those who may."""
    leaves = _own(_leaves(supposed.document), supposed)
    header = _header(supposed, leaves)
    sealed: dict[str, JsonValue] = {
        TYPE_PATH: supposed.document,
        **flatten(header, prefix="header", entropy=bytes),
        **leaves,
    }
    document = document_class(supposed.document)()
    facts = tuple(_facts(supposed, directory))
    return Case(_EXCHANGE, supposed.document, header, document, sealed, facts, at)


def categories_of(document: str) -> tuple[str, ...]:
    """All categories that a document can hold."""
    descriptor = descriptor_of(document_class(document))
    return tuple(sorted({category_of(descriptor, path) for path in _leaves(document)}))


def parts_of_document(document: str) -> frozenset[str]:
    """Every part that a document can hold, by path without indices."""
    return frozenset(part for path in _leaves(document) for part in parts_above(shape_of(path)))


@lru_cache(maxsize=128)
def _leaves(document: str) -> Mapping[str, JsonValue]:
    filled = fill_document(document)
    descriptor = descriptor_of(filled)
    leaves = flatten(filled, prefix=_WHOLE, entropy=bytes)
    return {path: _sample(descriptor, path, value) for path, value in leaves.items()}


def _sample(descriptor: Descriptor, path: str, value: JsonValue) -> JsonValue:
    last = fields_along(path, descriptor)[-1]
    if last.type != FieldDescriptor.TYPE_STRING:
        return value
    if "postcode" in last.name:
        return _POSTCODE
    return _TEXT if leaf_kind(descriptor, path).free_text else value


def _own(leaves: Mapping[str, JsonValue], supposed: Supposed) -> dict[str, JsonValue]:
    """The leaves that are there, with items that state their owner stating the supposed one."""
    descriptor = descriptor_of(document_class(supposed.document))
    owner = supposed.owner or supposed.sender.organisation
    return {
        path: owner if shape_of(path).endswith(OWNER) and isinstance(value, str) else value
        for path, value in leaves.items()
        if category_of(descriptor, path) not in supposed.without
        and supposed.without.isdisjoint(parts_above(shape_of(path)))
    }


def _header(supposed: Supposed, leaves: Mapping[str, JsonValue]) -> header_pb2.Header:
    header = header_pb2.Header(necessity=_NECESSITY if supposed.necessity else "")
    numbers: Any = (supposed.bases or (), supposed.conditions or ())
    header.lawful_bases.extend(numbers[0])
    header.conditions.extend(numbers[1])
    for name in ("purpose", "urgency", "marking", "release_kind"):
        if getattr(supposed, name):
            setattr(header, name, getattr(supposed, name))
    _address(header.sender, supposed.sender)
    for each in (supposed.recipient, *supposed.others):
        _address(header.recipients.add(), each)
    if supposed.owner or supposed.system:
        for prefix in sorted({_top(path) for path in leaves}):
            owner = supposed.owner or supposed.sender.organisation
            header.provenance.add(prefix=prefix, owner=owner, source_system=supposed.system)
    return header


def _address(reference: object, desk: Desk) -> None:
    for name in ("organisation", "desk"):
        if getattr(desk, name):
            setattr(reference, name, getattr(desk, name))


def _top(path: str) -> str:
    return ".".join(shape_of(path).split(".")[:2])


def _facts(supposed: Supposed, directory: DirectoryIndex) -> Iterator[KnownFact]:
    for name, answer in sorted(supposed.facts.items()):
        scope = fact_scope(name)
        if scope is FactScope.ITEM:
            owner = supposed.owner or supposed.sender.organisation
            yield KnownFact(name, _WHOLE, answer, owner)
        elif scope is FactScope.CASE:
            yield KnownFact(name, None, answer, _asserter(name, supposed, directory))
        else:
            for end in (supposed.sender, supposed.recipient, *supposed.others):
                yield KnownFact(name, end.organisation, answer, _asserter(name, supposed, directory))


def _asserter(name: str, supposed: Supposed, directory: DirectoryIndex) -> str:
    """Somebody who may say so: an end of the exchange, or whoever there is."""
    ends = (supposed.sender.organisation, supposed.recipient.organisation)
    for organisation in (*ends, *sorted(directory.organisations)):
        if directory.kind_of(organisation) in assertable_by(name):
            return organisation
    return ends[0]
