"""The log of the running system as a file: exported and verified by the commands that operators have."""

import io
import re
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import redirect_stderr
from pathlib import Path

import httpx
import pytest

from deploy.local.browser import Browser
from deploy.local.identity import trust_of
from deploy.local.launcher import LocalSystem
from deploy.local.people import find_log_in
from deploy.local.places import Place
from deploy.story.model import Story
from deploy.story.played import PlayedStory
from gateway.cli.commands import main


def export(system: LocalSystem, organisation: str, name: str, out: Path, *scope: str) -> int:
    """`ppg log export` by an organisation's system, while a person signs in at the address that it prints."""
    place = system.world.agencies[organisation]
    command = ["log", "export", "--gateway", system.world.gateway.address, "--out", str(out)]
    command += ["--identity", str(place.folder / "client" / "identity.toml")]
    said = ["--purpose", "VERIFY_LAWFULNESS"]
    printed = io.StringIO()
    with ThreadPoolExecutor(1) as pool, redirect_stderr(printed):
        exported = pool.submit(main, [*command, *said, "--reason", "Yearly audit", *scope])
        open_address(system, place, name, printed, exported)
        return exported.result(timeout=60)


def open_address(
    system: LocalSystem, place: Place, name: str, printed: io.StringIO, running: Future[int]
) -> None:
    """Does with the browser what a person does."""
    while not (found := re.search(r"^https://\S+$", printed.getvalue(), re.MULTILINE)):
        assert not running.done(), printed.getvalue()
        time.sleep(0.05)
    log_in = find_log_in(system.world.identity.log_ins, place.name, name)
    browser = Browser(trust_of(place))
    arrived = browser.sign_in(found[0], log_in.person.user, log_in.password)
    browser.close()
    assert "You are signed in" in httpx.get(arrived).text


def verify(system: LocalSystem, file: Path) -> int:
    """`ppg log verify`, with the scheme's public key and its fingerprint."""
    scheme = system.world.scheme
    # A fingerprint may begin with a hyphen.
    trust = ["--scheme-key", str(scheme.public_key), f"--fingerprint={scheme.fingerprint}"]
    return main(["log", "verify", str(file), *trust])


@pytest.mark.parametrize("part", ["all", "exchange", "period"])
def test_what_the_unit_exports_verifies(
    system: LocalSystem, story: Story, played: PlayedStory, tmp_path: Path, part: str
) -> None:
    sent = next(step.sent for step in played.steps if step.sent is not None)
    scope = {
        "all": ["--all"],
        "exchange": ["--exchange", sent.exchange_id],
        "period": ["--from", "2026-01-01T00:00Z", "--to", "2036-01-01T00:00Z"],
    }
    file = tmp_path / "export.jsonl"
    assert export(system, story.reader, story.reader_name, file, *scope[part]) == 0
    assert verify(system, file) == 0
    lines = file.read_bytes().splitlines()
    assert len(lines) > 3
    file.write_bytes(b"\n".join([*lines[:-2], lines[-1]]))
    assert verify(system, file) == 1, "a record that is taken out is missed"


def test_an_agency_exports_nothing(system: LocalSystem, played: PlayedStory, tmp_path: Path) -> None:
    assert played.record.entries
    assert export(system, "kent-police", "Idris Fallowfield", tmp_path / "export.jsonl", "--all") == 1
    assert not list(tmp_path.iterdir())
