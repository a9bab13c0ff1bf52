"""What readers of a long log wait for: proofs, a subject's records, an export, and its verification."""

import json
import os
import random
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Final, NamedTuple

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    ExportRecordsRequest,
    ListRecordsRequest,
    Period,
    SubjectReference,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.log_export import LogExport
from gateway.app.log_view import LogView
from gateway.app.proofs import prove_consistency, prove_inclusion
from services.kit.evidence.keys import VerifyingKey
from tests.bench.log_filling import time_of
from tests.bench.measure import Times, summarise
from tests.support.acting import officer
from tests.support.gateway import Gateway

PAGE: Final = 500
_PROOFS: Final = 300
_LISTS: Final = 30
_PURPOSE: Final = LOG_PURPOSE_VERIFY_LAWFULNESS
_ACTING: Final = Acting(reason="Inquest")
_MEBI: Final = 1 << 20
# The process's own most, since it began to run this: `getrusage` also counts its parent's, before the exec.
_CLI: Final = """
import re, sys
from gateway.cli.commands import main
status = main()
print("octets:", 1024 * int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]))
sys.exit(status)
"""


@dataclass(frozen=True, slots=True)
class Passed:
    """An export, written and verified.

    Attributes:
        records: how many entries it holds.
        octets: of the file.
        export_s: writing it, by the gateway's own code, the reading of the database included.
        export_mib: by how much the process's resident memory grew meanwhile, in MiB.
        verify_s: `ppg log verify` as a process of its own, its start included.
        verify_mib: the most resident memory of that process, in MiB.
    """

    records: int
    octets: int
    export_s: float
    export_mib: float
    verify_s: float
    verify_mib: float


async def time_proofs(gateway: Gateway, size: int) -> dict[str, Times]:
    """A proof at random places: its transaction, the tiles read and the hashes made."""
    chosen = random.Random(size)  # noqa: S311  # where to look

    async def include() -> None:
        async with gateway.store.reading() as unit:
            await prove_inclusion(unit.tree, [chosen.randrange(size)], size)

    async def continue_from() -> None:
        async with gateway.store.reading() as unit:
            await prove_consistency(unit.tree, chosen.randrange(1, size), size)

    return {
        "inclusion proof, with the database": await _time(include, _PROOFS),
        "consistency proof, with the database": await _time(continue_from, _PROOFS),
    }


async def time_lists(gateway: Gateway, subject: str) -> tuple[dict[str, Times], int]:
    """A page of a subject's records, and all of them; the query's own record included. How many there are."""
    view, unit = LogView(gateway.store, gateway.tools), gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    found = 0

    async def page(after: int, most: int) -> list[int]:
        request = ListRecordsRequest(purpose=_PURPOSE, acting=_ACTING, page_size=most, after_position=after)
        request.subject.CopyFrom(SubjectReference(subject=subject))
        return [record.position for record in await view.page(officer(unit), request)]

    async def first() -> None:
        await page(0, 100)

    async def everything() -> None:
        nonlocal found
        after, found = 0, 0
        while positions := await page(after, PAGE):
            after, found = positions[-1], found + len(positions)

    times = {
        "a subject's first 100 records": await _time(first, _LISTS),
        "all of them, in pages of 500": await _time(everything, 3),
    }
    return times, found


async def pass_on(gateway: Gateway, records: int, folder: Path, scheme: VerifyingKey) -> Passed:
    """Exports the first so many records as a period, and verifies the file in a process of its own."""
    file, unit = folder / "export.jsonl", gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    request = ExportRecordsRequest(purpose=_PURPOSE, acting=_ACTING, period=_period(records))
    before = most = _resident()
    begun = perf_counter()
    with file.open("wb") as out:
        async for piece in _pieces(gateway, unit, request):
            out.write(piece)
            most = max(most, _resident())
    export_s = perf_counter() - begun
    octets = file.stat().st_size
    verified = _verify(file, scheme, gateway.parties.clock.now())
    file.unlink()
    return Passed(
        verified.records, octets, export_s, (most - before) / _MEBI, verified.seconds, verified.mebibytes
    )


def _pieces(gateway: Gateway, organisation: str, request: ExportRecordsRequest) -> AsyncIterator[bytes]:
    return LogExport(gateway.store, gateway.tools).write(officer(organisation), request)


def _period(records: int) -> Period:
    since, until = Timestamp(), Timestamp()
    since.FromDatetime(time_of(0))
    until.FromDatetime(time_of(records - 1))  # the first one after a period is part of the export
    return Period(since=since, until=until)


class _Verified(NamedTuple):
    records: int
    seconds: float
    mebibytes: float


def _verify(file: Path, scheme: VerifyingKey, now: datetime) -> _Verified:
    """AssertionError unless it is proven."""
    key = file.with_name("scheme.jwk")
    key.write_text(json.dumps(scheme.to_jwk()))
    options = ["--scheme-key", str(key), f"--fingerprint={scheme.kid}", "--at", now.isoformat()]
    command = [sys.executable, "-c", _CLI, "log", "verify", str(file), *options]
    begun = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        said = process.stdout.read().decode() if process.stdout is not None else ""
    found = re.match(r"PROVEN: (\d+) records about a period", said)
    most = re.search(r"^octets: (\d+)$", said, re.MULTILINE)
    if process.returncode != 0 or found is None or most is None:
        raise AssertionError(said)
    return _Verified(int(found[1]), perf_counter() - begun, int(most[1]) / _MEBI)


def _resident() -> int:
    fields = Path("/proc/self/statm").read_text(encoding="ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")


async def _time(call: Callable[[], Awaitable[None]], runs: int) -> Times:
    taken = []
    for _ in range(runs):
        begun = perf_counter()
        await call()
        taken.append(perf_counter() - begun)
    return summarise(taken)
