"""How long the console's pages take: a whole private system, an area of two years, one person signed in.

What is timed is a page as the browser gets it, from the request to its last byte, over TLS on this machine:
the console's own work, its calls to the gateway and the agency over mutual TLS, and their databases.
"""

import asyncio
import re
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext, create_default_context
from time import perf_counter, sleep
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpx

from deploy.area.__main__ import target_of
from deploy.area.loader import YEARS, Size, load_area
from deploy.local.consoles import PREFIX, ConsolePlace
from deploy.local.launcher import LocalSystem
from deploy.local.people import LogIn, find_log_in
from deploy.local.world import World
from services.console.areas import AREAS
from services.kit.access.actor import Role
from services.kit.directory import GATEWAY
from tests.bench.measure import percentile
from tests.bench.processes import spent_seconds
from tests.support.console_paths import kind_of, start_of
from tests.support.databases import PostgresServer, ServerDatabase
from tests.support.postgres_cluster import PostgresCluster

SIZE: Final = Size(subjects=5_000, exchanges=200_000)
SMALL: Final = Size(subjects=1_000, exchanges=10_000)
WHO: Final = ("kent-mappa-unit", "Ola Brandt")
ROLES: Final = frozenset({Role.MAPPA_COORDINATOR, Role.DATA_PROTECTION_OFFICER})
TARGET_MS: Final = 300.0
CAST: Final = ("kent-mappa-unit", "kent-police", "kent-probation")
_TIMES: Final = 20
_PATIENCE_S: Final = 300.0
_LOOK_S: Final = 5.0
_QUIET: Final = 0.1
_MOST_OF_AREA: Final = 12
_LINK: Final = re.compile(r'<a[^>]*\shref="(/[^"#]*)"')
_PURPOSE: Final = re.compile(r'name="purpose"[^>]*value="(\d+)"')
_CSRF: Final = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class PageTimes:
    """A kind of page: how often it was asked for, and how long it took, in milliseconds.

    Attributes:
        cpu_ms: processor time of console, gateway and agency for one: what it would take of an idle machine,
            but for waiting: the gateway answers look-ups on ticks of 100 ms, an agency on ticks of 50.
    """

    path: str
    runs: int
    median_ms: float
    p95_ms: float
    cpu_ms: float
    status: int


@dataclass
class PagesReport:
    """By database: how long loading took, until the gateway was quiet, and the pages, slowest first."""

    loading_s: dict[str, float] = field(default_factory=dict)
    quiet_s: dict[str, float] = field(default_factory=dict)
    pages: dict[str, list[PageTimes]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For build/bench.json."""
        return {
            "loading_s": self.loading_s,
            "quiet_s": self.quiet_s,
            "pages": {name: [vars(each) for each in pages] for name, pages in self.pages.items()},
        }


def measure_pages(size: Size, tell: Callable[[PagesReport], None]) -> PagesReport:
    """Loads the area into SQLite and into PostgreSQL, and times every kind of page on each.

    Args:
        size: of the area.
        tell: is given what was measured so far, after each database: the next takes a long time.
    """
    report = PagesReport()
    with _world() as world:
        _measure(report, "SQLite", world, size)
    tell(report)
    with PostgresCluster() as cluster, _world() as world:
        database = PostgresServer.of(cluster, world.folder).create()
        _use(world, database)
        _measure(report, "PostgreSQL", world, size, database.url)
    return report


def tell_pages(report: PagesReport) -> Iterator[str]:
    """A table for people."""
    for database, pages in report.pages.items():
        slow = sum(each.p95_ms > TARGET_MS for each in pages)
        yield f"\npages on {database}, loaded in {report.loading_s[database]:.0f} s"
        yield f"  the gateway was quiet {report.quiet_s[database]:.0f} s after its start"
        yield f"  {slow} of {len(pages)} kinds take more than {TARGET_MS:.0f} ms"
        yield f"  {'':<58}{'median ms':>12}{'p95 ms':>12}{'cpu ms':>12}"
        for each in pages:
            odd = "" if each.status == httpx.codes.OK else f"  answered {each.status}"
            times = f"{each.median_ms:>12,.0f}{each.p95_ms:>12,.0f}{each.cpu_ms:>12,.0f}"
            yield f"  {each.path[:56]:<58}{times}{odd}"


def _measure(report: PagesReport, name: str, world: World, size: Size, url: str = "") -> None:
    begun = perf_counter()
    target = target_of(world.folder, url)
    asyncio.run(load_area(target, size, lambda *_: None, datetime.now(UTC)))
    report.loading_s[name] = perf_counter() - begun
    with LocalSystem(world, patience_s=300) as system, signed_in(world, *WHO) as client:
        report.quiet_s[name] = _settle(system)
        _say_what_for(client)
        timer = _Timer(client, system)
        report.pages[name] = sorted(timer.time_all(), key=lambda each: -each.p95_ms)


def _settle(system: LocalSystem) -> float:
    """Waits until the gateway has done what two years of data give it to do at its start; seconds."""
    begun = perf_counter()
    while (waited := perf_counter() - begun) < _PATIENCE_S:
        before = spent_seconds(system)[GATEWAY]
        sleep(_LOOK_S)
        if spent_seconds(system)[GATEWAY] - before < _LOOK_S * _QUIET:
            return waited
    raise AssertionError(f"the gateway is still busy {_PATIENCE_S:.0f} s after its start")


@contextmanager
def signed_in(world: World, organisation: str, name: str) -> Iterator[httpx.Client]:
    """A client with the cookies of somebody who signed in at the bundled provider."""
    place = world.consoles[organisation]
    client = httpx.Client(
        base_url=place.address, verify=_trust(place), timeout=60, follow_redirects=True, trust_env=False
    )
    with client:
        _sign_in(client, find_log_in(world.identity.log_ins, organisation, name))
        yield client


def _sign_in(client: httpx.Client, log_in: LogIn) -> None:
    page = client.get("/sign-in")
    token = _CSRF.search(page.text)
    if token is None:
        raise AssertionError(f"no page to sign in on: {page.status_code}")
    form = {"csrf_token": token[1], "user": log_in.person.user, "password": log_in.password}
    home = client.post(page.url, data=form, headers={"Referer": str(page.url)})
    if home.status_code != httpx.codes.OK:
        raise AssertionError(f"not signed in: {home.status_code}")


def _say_what_for(client: httpx.Client) -> None:
    """States what the log is read for: until then each page of the log only asks."""
    page = client.get("/log/purpose")
    purpose, token = _PURPOSE.search(page.text), _CSRF.search(page.text)
    if purpose is None or token is None:
        raise AssertionError(f"no page that asks what for: {page.status_code}")
    form = {"csrf_token": token[1], "purpose": purpose[1], "reason": "Timing every page"}
    log = client.post("/log/purpose", data=form, headers={"Referer": str(page.url)})
    if "/log/records/" not in log.text:
        raise AssertionError(f"the log is not shown: {log.status_code}")


@dataclass(frozen=True)
class _Timer:
    """Asks for pages as somebody who is signed in."""

    client: httpx.Client
    system: LocalSystem

    def time_all(self) -> Iterator[PageTimes]:
        """Every kind of page of every area."""
        for area in AREAS:
            if area.is_for(ROLES) and area.name not in {"sign_in", "exchange"}:
                yield from self._time_area(start_of(area))

    def _time_area(self, start: str) -> Iterator[PageTimes]:
        """An area's first page, and one page of each kind to which its pages lead."""
        waiting, seen = deque([start]), {kind_of(start)}
        while waiting and len(seen) <= _MOST_OF_AREA:
            path = waiting.popleft()
            page, times = self._time(path)
            yield times
            for link in _links(page, start):
                if kind_of(link) not in seen:
                    seen.add(kind_of(link))
                    waiting.append(link)

    def _time(self, path: str) -> tuple[httpx.Response, PageTimes]:
        page = self.client.get(path)
        before = self._spent()
        taken = [_seconds(lambda: self.client.get(path)) for _ in range(_TIMES)]
        cpu = (self._spent() - before) / len(taken) * 1e3
        p95, half = percentile(taken, 0.95) * 1e3, percentile(taken, 0.5) * 1e3
        return page, PageTimes(kind_of(path), len(taken), half, p95, cpu, page.status_code)

    def _spent(self) -> float:
        spent = spent_seconds(self.system)
        return sum(spent[name] for name in (GATEWAY, WHO[0], f"{PREFIX}{WHO[0]}"))


def _seconds(call: Callable[[], object]) -> float:
    begun = perf_counter()
    call()
    return perf_counter() - begun


def _links(page: httpx.Response, start: str) -> list[str]:
    if not page.headers.get("content-type", "").startswith("text/html") or start == "/":
        return []
    prefix = "/" + start.strip("/").partition("/")[0]
    found = (urljoin(str(page.url), link.replace("&amp;", "&")) for link in _LINK.findall(page.text))
    parts = (urlsplit(link) for link in found)
    return [
        f"{each.path}?{each.query}" if each.query else each.path
        for each in parts
        if each.path.startswith(prefix) and "." not in each.path.rpartition("/")[2]  # no downloads
    ]


def _trust(place: ConsolePlace) -> SSLContext:
    return create_default_context(cafile=str(place.folder / "tls" / "authority.crt"))


def _use(world: World, database: ServerDatabase) -> None:
    """Has the gateway use that database."""
    settings = world.gateway.settings
    old = f"sqlite+aiosqlite:///{world.gateway.folder / 'gateway.db'}"
    text = settings.read_text(encoding="utf-8")
    if old not in text:
        raise AssertionError("the gateway's settings name another database")
    settings.write_text(text.replace(old, database.url), encoding="utf-8")


@contextmanager
def _world() -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="ppg-bench-") as folder:
        world = World.create(Path(folder) / "system", CAST, consoles=CAST[:1], age=YEARS + timedelta(days=7))
        try:
            yield world
        finally:
            world.release()
