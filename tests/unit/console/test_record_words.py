"""What the console calls records and their members, held against the gateway's own declarations."""

import json
from typing import Any

from publicprotection.oversight.v1.disclosure_log_service_pb2 import LogRecord

from gateway.core.log.entries import Verb
from gateway.core.log.members import MEMBERS
from gateway.core.log.specs import SPECS
from services.console.pages.log.records import _KINDS, GROUPS, sections_of, vocabulary


def test_each_type_and_each_verb_has_words() -> None:
    assert set(vocabulary().types) == {str(kind) for kind in SPECS}
    assert set(vocabulary().verbs) == {verb.value for verb in Verb}
    assert all(title and meaning.endswith(".") for title, meaning in vocabulary().types.values())


def test_each_member_has_words_and_is_read_in_a_way_that_there_is() -> None:
    assert set(vocabulary().members) == set(MEMBERS)
    for name, member in vocabulary().members.items():
        assert member.kind in _KINDS, name
        assert member.group in GROUPS, name
        assert member.cite in {"", MEMBERS[name].paragraphs} or member.cite in MEMBERS[name].paragraphs, name


def test_what_nobody_has_words_for_is_shown_all_the_same() -> None:
    entry: dict[str, Any] = {"type": "NEW", "a_new_member": ["x", 1]}
    (section,) = sections_of(LogRecord(entry=json.dumps(entry)), {})
    assert {line.label for line in section.lines} == {"Type", "A new member"}
