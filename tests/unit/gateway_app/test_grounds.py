"""A directory and what was checked against it change together, or not at all."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from publicprotection.exchange.v1.directory_service_pb2 import Organisation

from gateway.adapters.files import read_rulebook
from gateway.adapters.world import CurrentWorld, WorldError, load_world
from gateway.core.directory import DirectoryIndex
from gateway.core.world import World
from gateway.rpc.access import kinds_by
from services.kit.directory import GATEWAY, Directory
from tests.support.gateway import ROOT, Parties

RULES = ROOT / "gateway" / "rulebook"


def next_of(directory: Directory, organisations: Mapping[str, Organisation] | None = None) -> Directory:
    """The next issue, of these organisations or the same."""
    chosen = directory.organisations if organisations is None else organisations
    return replace(directory, serial=directory.serial + 1, organisations=chosen)


def without(directory: Directory, name: str) -> Directory:
    return next_of(directory, {key: each for key, each in directory.organisations.items() if key != name})


class Files:
    """The rulebook as it stands in the files, to be changed by a test."""

    def __init__(self) -> None:
        self.book = read_rulebook(RULES)
        self.broken = False
        self.reads = 0

    def load(self, directory: Directory) -> World:
        self.reads += 1
        if self.broken:
            raise WorldError("a file says what it may not")
        return World(DirectoryIndex(directory.organisations), (), self.book)


@pytest.fixture
def files() -> Files:
    return Files()


def test_decisions_and_keys_never_rest_on_two_directories(everybody: Parties, files: Files) -> None:
    current = CurrentWorld(files.load, everybody.directory)
    taken = current.grounds
    new = next_of(everybody.directory)
    current.adopt(new)
    assert current.directory is new
    assert current.world.directory.organisations is new.organisations
    assert current.world.rulebook is taken.world.rulebook
    assert taken.world.directory.organisations is everybody.directory.organisations
    assert files.reads == 1  # rules come into force when somebody says so, not with a directory


def test_a_revocation_does_not_wait_for_a_file_that_is_left_unfinished(
    everybody: Parties, files: Files
) -> None:
    current = CurrentWorld(files.load, everybody.directory)
    files.broken = True
    new = next_of(everybody.directory)
    current.adopt(new)
    assert current.directory is new


def test_who_leaves_the_directory_needs_no_agreement_read_again(everybody: Parties, files: Files) -> None:
    current = CurrentWorld(files.load, everybody.directory)
    name = everybody.of_kind("POLICE")
    current.adopt(without(everybody.directory, name))
    assert current.directory.organisation(name) is None
    assert name not in current.world.directory.organisations
    assert files.reads == 1


def test_an_organisation_of_another_kind_is_of_it_at_once(everybody: Parties, files: Files) -> None:
    current = CurrentWorld(files.load, everybody.directory)
    name = everybody.of_kind("POLICE")
    changed = Organisation()
    changed.CopyFrom(everybody.directory.organisations[name])
    changed.kind = everybody.directory.organisations[everybody.of_kind("DWP")].kind
    current.adopt(next_of(everybody.directory, {**everybody.directory.organisations, name: changed}))
    assert current.world.directory.kind_of(name) == changed.kind


def test_the_real_files_go_with_the_real_directory(everybody: Parties) -> None:
    current = CurrentWorld(lambda directory: load_world(RULES, directory), everybody.directory)
    current.adopt(next_of(everybody.directory))
    assert current.is_latest


def test_who_may_call_follows_the_directory(everybody: Parties) -> None:
    held = [everybody.directory]
    kind_of = kinds_by(lambda: held[0])
    unit = everybody.of_kind("MAPPA_COORDINATION_UNIT")
    assert kind_of(unit) == "MAPPA_COORDINATION_UNIT"
    held[0] = without(everybody.directory, unit)
    assert kind_of(unit) is None
    held[0] = next_of(everybody.directory)
    assert kind_of(unit) == "MAPPA_COORDINATION_UNIT"
    assert kind_of(GATEWAY) == "GATEWAY"
