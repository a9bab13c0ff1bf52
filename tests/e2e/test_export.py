"""The log of the running system as a file: exported and verified by the commands that operators have."""

from pathlib import Path

import pytest

from deploy.local.launcher import LocalSystem
from deploy.story.model import Story
from deploy.story.played import PlayedStory
from gateway.cli.commands import main


def export(system: LocalSystem, organisation: str, out: Path, *scope: str) -> int:
    """`ppg log export`, with the certificate of an organisation's systems."""
    client = system.world.folder / organisation / "client"
    command = ["log", "export", "--gateway", system.world.gateway.address, "--out", str(out)]
    for name, file in (("certificate", "client.crt"), ("key", "client.key"), ("authority", "authority.crt")):
        command += [f"--tls-{name}", str(client / file)]
    said = ["--purpose", "VERIFY_LAWFULNESS", "--person", "Ola Brandt", "--role", "AUDITOR"]
    return main([*command, *said, "--reason", "Yearly audit", *scope])


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
    assert export(system, story.reader, file, *scope[part]) == 0
    assert verify(system, file) == 0
    lines = file.read_bytes().splitlines()
    assert len(lines) > 3
    file.write_bytes(b"\n".join([*lines[:-2], lines[-1]]))
    assert verify(system, file) == 1, "a record that is taken out is missed"


def test_an_agency_exports_nothing(system: LocalSystem, played: PlayedStory, tmp_path: Path) -> None:
    assert played.record.entries
    assert export(system, "kent-police", tmp_path / "export.jsonl", "--all") == 1
    assert not list(tmp_path.iterdir())
