"""Whatever a file holds, it is refused with a reason of ours, and never by another error."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.evidence.bundle import verify_bundle
from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.bundle_form import Scope, ScopeKind
from services.kit.evidence.checkpoint import verify_checkpoint
from services.kit.evidence.delivery_evidence import read_evidence, verify_evidence
from services.kit.evidence.errors import BundleRefusedError, CheckpointRefusedError, EvidenceError
from tests.support.exporting import LOG, NOW, Log, opener
from tests.support.proving import evidence_of_a_delivery

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
TIMES = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-11-23T09:00Z", "2026-11-23"]


@cache
def _export(kind: ScopeKind) -> list[bytes]:
    exchange = "exchange-3" if kind is ScopeKind.EXCHANGE else None
    return Log.of(12).export(Scope(kind, exchange=exchange))


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(place for key, each in inner for place in _places(each, (*path, key)))]


def _put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    value[path[0]] = _put(value[path[0]], path[1:], new)
    return value


def _refusal(run: Callable[[], object]) -> EvidenceError | None:
    try:
        run()
    except (BundleRefusedError, CheckpointRefusedError) as error:
        return error
    return None


def _verify(lines: list[bytes]) -> None:
    refused = _refusal(lambda: verify_bundle(lines, opener(), now=NOW))
    assert refused is None or (isinstance(refused, BundleRefusedError) and explain(refused))


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_bytes_instead_of_an_export(lines: list[bytes]) -> None:
    _verify(lines)
    _verify([*_export(ScopeKind.ALL)[:2], *lines])


@given(st.sampled_from(ScopeKind), st.data())
@settings(max_examples=300, deadline=None)
def test_an_export_with_another_value_somewhere(kind: ScopeKind, data: st.DataObject) -> None:
    lines = list(_export(ScopeKind.ALL if kind is ScopeKind.PERIOD else kind))
    number = data.draw(st.integers(0, len(lines) - 1))
    members = json.loads(lines[number])
    place = data.draw(st.sampled_from(_places(members)))
    lines[number] = json.dumps(_put(members, place, data.draw(JSON))).encode()
    _verify(lines)


@given(st.lists(st.sampled_from(TIMES), min_size=1, max_size=4))
def test_entries_of_all_times(times: list[str]) -> None:
    log = Log()
    log.add(log.entry(number, at=at) for number, at in enumerate(times))
    _verify(log.export(Scope(ScopeKind.ALL)))


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_evidence_with_another_value_somewhere(data: st.DataObject) -> None:
    members = json.loads(evidence_of_a_delivery())
    place = data.draw(st.sampled_from(_places(members)))
    changed = json.dumps(_put(members, place, data.draw(JSON))).encode()
    refused = _refusal(lambda: verify_evidence(read_evidence(changed), opener(), now=NOW))
    assert refused is None or (isinstance(refused, BundleRefusedError) and explain(refused))


@given(st.text(max_size=200), st.integers(0, 400), st.integers(0, 400))
def test_a_note_with_other_text_somewhere(text: str, start: int, length: int) -> None:
    note = Log.of(3).note()
    changed = note[:start] + text + note[start + length :]
    refused = _refusal(lambda: verify_checkpoint(changed, [LOG.public]))
    if refused is None:  # whatever was changed, it was no signed text
        assert changed.startswith(note[: note.index("\n\n")])
