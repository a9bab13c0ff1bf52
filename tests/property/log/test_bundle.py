"""No bit of what an export proves can be changed."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.evidence.bundle import verify_bundle
from services.kit.evidence.bundle_form import Opened, Scope, ScopeKind
from services.kit.evidence.errors import BundleRefusedError
from tests.support.exporting import NOW, SALT, Log, opener

SCOPES = (Scope(ScopeKind.ALL), Scope(ScopeKind.EXCHANGE, exchange="exchange-3"))


@cache
def _export(scope: Scope) -> list[bytes]:
    log = Log.of(260)
    log.pruned = {13} if scope.kind is ScopeKind.ALL else set()
    return log.export(scope, opened={8: (Opened("n", SALT, "reason 8"),)})


@given(st.sampled_from(SCOPES), st.data())
@settings(max_examples=400, deadline=None)
def test_no_flipped_bit_below_the_header_goes_unnoticed(scope: Scope, data: st.DataObject) -> None:
    lines = list(_export(scope))
    number = data.draw(st.integers(1, len(lines) - 1))
    line = bytearray(lines[number])
    octet, bit = data.draw(st.integers(0, len(line) - 1)), data.draw(st.integers(0, 7))
    line[octet] ^= 1 << bit
    if bytes(line[octet - 8 : octet + 1]).startswith(b'"name":"'):
        return  # the label of a shown text is a label: what is committed to is the text
    lines[number] = bytes(line)
    with pytest.raises(BundleRefusedError) as caught:
        verify_bundle(lines, opener(), now=NOW)
    assert caught.value.line


@given(st.sampled_from(SCOPES), st.data())
@settings(max_examples=200, deadline=None)
def test_no_flipped_bit_of_the_checkpoint_goes_unnoticed(scope: Scope, data: st.DataObject) -> None:
    lines = list(_export(scope))
    start = lines[0].index(b"publicprotection.gateway")
    end = lines[0].index(b"\\n\\n", start)
    line = bytearray(lines[0])
    line[data.draw(st.integers(start, end))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BundleRefusedError) as caught:
        verify_bundle([bytes(line), *lines[1:]], opener(), now=NOW)
    assert caught.value.line == 1
