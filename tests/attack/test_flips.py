"""No octet of a real export, or of a delivery's evidence, can be another; its majority is a bare one."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kit.clock import FixedClock
from services.kit.evidence.errors import BundleRefusedError
from tests.attack.scheme import OTHER, RECIPIENT, SENDER, WITNESSES, Scheme
from tests.attack.stage import Stage, open_stage
from tests.support.gateway import NOW

WHITE_SPACE = frozenset(b" \t\r\n")


class Files(NamedTuple):
    """What auditors were given, and what they verify it with, when cosignatures have long been due."""

    stage: Stage
    export: bytes
    exchange: bytes
    evidence: bytes


@pytest.fixture(scope="module")
def files(keys: Scheme, tmp_path_factory: pytest.TempPathFactory) -> Files:
    return asyncio.run(make(keys, tmp_path_factory.mktemp("flips")))


async def make(keys: Scheme, folder: Path) -> Files:
    """One witness is silent, so that no cosignature is one too many."""
    scheme = Scheme(clock=FixedClock(NOW), signing=dict(keys.signing), decryption=keys.decryption)
    async with AsyncExitStack() as stack:
        stage = await open_stage(scheme, folder, stack, WITNESSES)
        exchange_id = await stage.exchange()
        for _ in range(2):
            await stage.beat(silent=[OTHER])
        export, exchange = await stage.export(), await stage.export(exchange_id=exchange_id)
        evidence = (await stage.evidence()).encode()
        assert {SENDER, RECIPIENT} == set(stage.agencies) - {OTHER}
    scheme.clock.moment += timedelta(days=2)
    return Files(stage, export, exchange, evidence)


def refuse(octets: bytes, verify: Callable[[bytes], object], data: st.DataObject) -> None:
    before, changed = verify(octets), bytearray(octets)
    place = data.draw(st.integers(0, len(octets) - 1))
    changed[place] ^= data.draw(st.integers(1, 255))
    if {octets[place], changed[place]} <= WHITE_SPACE:  # between two tokens of JSON it says nothing
        with suppress(BundleRefusedError):
            assert verify(bytes(changed)) == before
        return
    with pytest.raises(BundleRefusedError):
        verify(bytes(changed))


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_octet_of_an_export_can_be_another(files: Files, data: st.DataObject) -> None:
    refuse(files.export, files.stage.verify_export, data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_octet_of_an_exchange_s_export_can_be_another(files: Files, data: st.DataObject) -> None:
    refuse(files.exchange, files.stage.verify_export, data)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_octet_of_the_evidence_can_be_another(files: Files, data: st.DataObject) -> None:
    refuse(files.evidence, files.stage.verify_evidence, data)
