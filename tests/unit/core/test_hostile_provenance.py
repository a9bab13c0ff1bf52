"""Provenance and facts are the sender's to write: they may neither blur an owner nor cost too much."""

import time
from dataclasses import replace

from publicprotection.exchange.v1 import header_pb2
from publicprotection.exchange.v1.facts_pb2 import ANSWER_YES

from gateway.core.decide import decide
from gateway.core.model import Case, Outcome
from services.kit.evidence.paths import parts_above
from tests.support.core_world import vector

ENTRIES, FACTS, ELEMENTS = 500, 200, 2_000
LIMIT_S = 5.0  # of processor time; asking each entry about each leaf for each fact took far longer


def changed(case: Case, header: header_pb2.Header) -> Case:
    return replace(case, header=header)


def copy_of(case: Case) -> header_pb2.Header:
    header = header_pb2.Header()
    header.CopyFrom(case.header)
    return header


def test_a_part_with_two_owners_is_refused() -> None:
    read = vector("story-6-contribution")
    header = copy_of(read.case)
    entry = header.provenance.add()
    entry.CopyFrom(header.provenance[0])
    assert decide(changed(read.case, header), read.world)[0].outcome is Outcome.RELEASED
    for owner in (header.sender.organisation, header.recipients[0].organisation, ""):
        entry.owner = owner
        (ruling,) = decide(changed(read.case, header), read.world)
        assert ruling.outcome is Outcome.REFUSED
        assert ruling.reason is not None
        assert ruling.reason.rule == "GATEWAY-PROVENANCE"


def test_many_entries_facts_and_leaves_are_decided_in_bounded_time() -> None:
    read = vector("story-6-contribution")
    header = copy_of(read.case)
    victim = next(path for path in read.case.leaves if path.startswith("document.victims["))
    shape = victim.partition("]")[2]
    parts = [f"document.victims[{number:020x}]" for number in range(ELEMENTS)]
    leaves = {**read.case.leaves, **{part + shape: "x" for part in parts}}
    del header.provenance[:]
    for part in parts[:ENTRIES]:
        header.provenance.add(prefix=part, owner=header.sender.organisation)
    for _ in range(FACTS):
        header.facts.owner_agrees.add(party="document.victims").fact.answer = ANSWER_YES
    del header.recipients[1:]
    header.recipients.extend([header.recipients[0]] * 9)
    case = replace(changed(read.case, header), leaves=leaves)
    began = time.process_time()
    rulings = decide(case, read.world)
    assert time.process_time() - began < LIMIT_S
    assert len(rulings) == len(header.recipients)


def test_what_lies_above_a_path_is_what_covers_it() -> None:
    path = 'document.a[0123456789abcdef0123].labels{"b.c[d"}.e'
    above = list(parts_above(path))
    assert above[0] == path
    assert above[-1] == "document"
    assert "document.a[0123456789abcdef0123]" in above
    assert "document.a" in above
    assert "document.a[0123456789abcdef0123].lab" not in above
