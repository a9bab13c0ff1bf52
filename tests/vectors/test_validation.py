"""The validation vectors: what must pass, and what must fail, where, by which rule and with what advice.

Each file of `validation/` holds `document_type`, `valid` (name, document) and `invalid` (name, document,
field, rule_id, message_contains); documents are ProtoJSON. Any other key is there for YAML anchors. A field
is the path as protovalidate gives it, empty where the rule concerns the document as a whole.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import protovalidate
import pytest
import yaml
from buf.validate import validate_pb2
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.core.documents import descriptor_of, document_class, shareable_documents

FOLDER = Path(__file__).parent / "validation"
# What guidance, law or form a rule rests on, such as "(MAPPA 13b.31)" or "(CPF 7.37)".
CITATION = re.compile(r"\(.*[A-Z].*\d.*\)")
DOCUMENTS = "publicprotection.documents.v1."


@dataclass(frozen=True)
class Example:
    """One example of a vector file."""

    file: str
    document_type: str
    name: str
    document: dict[str, Any]
    field: str = ""
    rule_id: str = ""
    message_contains: str = ""

    def __str__(self) -> str:
        """As pytest lists it."""
        return f"{self.file}: {self.name}"


@dataclass(frozen=True)
class Rule:
    """A rule that the contract writes itself, in CEL."""

    message: str
    rule_id: str
    advice: str


def load(kind: str) -> list[Example]:
    return [example for path in sorted(FOLDER.glob("*.yaml")) for example in _read(path, kind)]


def _read(path: Path, kind: str) -> Iterator[Example]:
    content = yaml.safe_load(path.read_text())
    for each in content[kind]:
        yield Example(path.stem, content["document_type"], **each)


def find_violations(example: Example) -> set[tuple[str, str, str]]:
    """(path, rule id, advice) of each violation."""
    message = json_format.ParseDict(example.document, document_class(example.document_type)())
    found = protovalidate.collect_violations(message)
    return {(_write(each.proto.field), each.proto.rule_id, each.proto.message) for each in found}


def _write(path: Any) -> str:
    return ".".join(
        each.field_name + (f"[{each.subscript.value}]" if each.subscript else "")
        for each in (path.elements if path else ())
    )


@cache
def own_rules() -> tuple[Rule, ...]:
    """The rules, written in the contract itself, that a document can break."""
    seen: dict[str, Descriptor] = {}
    for name in shareable_documents():
        _collect(descriptor_of(document_class(name)), seen)
    return tuple(rule for message in seen.values() for rule in _rules_of(message))


def _collect(message: Descriptor, seen: dict[str, Descriptor]) -> None:
    if message.full_name in seen:
        return
    seen[message.full_name] = message
    for field in message.fields:
        if field.message_type is not None:
            _collect(field.message_type, seen)


def _rules_of(message: Descriptor) -> Iterator[Rule]:
    stated = list(message.GetOptions().Extensions[validate_pb2.message].cel)
    for field in message.fields:
        stated += _rules_of_field(field)
    for rule in stated:
        yield Rule(message.full_name, rule.id, rule.message)


def _rules_of_field(field: FieldDescriptor) -> list[validate_pb2.Rule]:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    return [*rules.cel, *rules.repeated.items.cel]


@pytest.mark.parametrize("example", load("valid"), ids=str)
def test_a_sound_document_passes(example: Example) -> None:
    assert find_violations(example) == set()


@pytest.mark.parametrize("example", load("invalid"), ids=str)
def test_a_faulty_document_is_refused_where_and_as_stated(example: Example) -> None:
    found = find_violations(example)
    advice = [text for field, rule, text in found if (field, rule) == (example.field, example.rule_id)]
    assert advice, f"expected {example.rule_id} at '{example.field}', found {sorted(found)}"
    assert example.message_contains in advice[0]


@pytest.mark.parametrize("example", load("invalid"), ids=str)
def test_a_faulty_document_has_one_fault(example: Example) -> None:
    assert {rule for _, rule, _ in find_violations(example)} == {example.rule_id}


def test_each_rule_of_the_contract_has_a_failing_example() -> None:
    shown = {example.rule_id for example in load("invalid")}
    missing = {f"{rule.message}: {rule.rule_id}" for rule in own_rules() if rule.rule_id not in shown}
    assert missing == set()


def test_each_file_has_a_passing_example() -> None:
    passing = {example.file for example in load("valid")}
    assert {path.stem for path in FOLDER.glob("*.yaml")} - passing == set()


def test_each_rule_of_a_document_says_what_it_rests_on() -> None:
    rules = [rule for rule in own_rules() if rule.message.startswith(DOCUMENTS)]
    assert [rule.rule_id for rule in rules if not CITATION.search(rule.advice)] == []


def test_no_two_rules_share_an_id() -> None:
    ids = [rule.rule_id for rule in own_rules()]
    assert sorted(ids) == sorted(set(ids))
