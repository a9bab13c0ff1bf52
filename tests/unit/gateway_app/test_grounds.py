"""A directory and what was checked against it change together, or not at all."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from publicprotection.exchange.v1.directory_service_pb2 import Organisation

from gateway.adapters.files import read_agreements, read_rulebook
from gateway.adapters.world import CurrentWorld, WorldError, load_world
from gateway.core.agreements import Agreement
from gateway.core.directory import DirectoryIndex
from gateway.core.world import World
from gateway.rpc.access import kinds_by
from services.kit.directory import GATEWAY, Directory
from services.kit.trust import DirectoryRefusedError
from tests.support.gateway import ROOT, Parties

RULES, AGREEMENTS = ROOT / "gateway" / "rulebook", ROOT / "deploy" / "agreements"


def next_of(directory: Directory, organisations: Mapping[str, Organisation] | None = None) -> Directory:
    """The next issue, of these organisations or the same."""
    chosen = directory.organisations if organisations is None else organisations
    return replace(directory, serial=directory.serial + 1, organisations=chosen)


def without(directory: Directory, name: str) -> Directory:
    return next_of(directory, {key: each for key, each in directory.organisations.items() if key != name})


class Files:
    """Rulebook and agreements as they stand in the files, to be changed by a test."""

    def __init__(self) -> None:
        self.book = read_rulebook(RULES)
        self.agreements: tuple[Agreement, ...] = read_agreements(AGREEMENTS)
        self.broken = False
        self.reads = 0

    def load(self, directory: Directory) -> World:
        self.reads += 1
        if self.broken:
            raise WorldError("a file says what it may not")
        for agreement in self.agreements:
            for party in agreement.parties:
                if directory.organisation(party.organisation) is None:
                    raise WorldError("an agreement names whom the directory does not list")
        return World(DirectoryIndex(directory.organisations), self.agreements, self.book)


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


def test_who_leaves_an_agreement_may_leave_the_directory(everybody: Parties, files: Files) -> None:
    current = CurrentWorld(files.load, everybody.directory)
    before = current.grounds
    gone = files.agreements[0].parties[0].organisation
    new = without(everybody.directory, gone)
    with pytest.raises(DirectoryRefusedError):
        current.adopt(new)
    assert current.grounds is before
    files.agreements = tuple(each for each in files.agreements if not each.binds(gone))
    current.adopt(new)
    assert current.directory is new
    assert not any(each.binds(gone) for each in current.world.agreements)


def test_an_organisation_of_another_kind_has_the_agreements_read_again(
    everybody: Parties, files: Files
) -> None:
    current = CurrentWorld(files.load, everybody.directory)
    name = everybody.of_kind("POLICE")
    changed = Organisation()
    changed.CopyFrom(everybody.directory.organisations[name])
    changed.kind = everybody.directory.organisations[everybody.of_kind("DWP")].kind
    current.adopt(next_of(everybody.directory, {**everybody.directory.organisations, name: changed}))
    assert files.reads == 2
    assert current.world.directory.kind_of(name) == changed.kind


def test_the_real_files_go_with_the_real_directory(everybody: Parties) -> None:
    current = CurrentWorld(lambda directory: load_world(RULES, AGREEMENTS, directory), everybody.directory)
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
