import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.local.roster import RosterError, choose_members, read_organisations
from deploy.local.world import World, WorldError
from deploy.story.model import read_story
from gateway.settings import load_settings as load_gateway_settings
from services.console.settings import load_settings as load_console_settings
from services.identity.settings import load_settings as load_identity_settings
from services.kit.credentials import read_verifying_key
from services.kit.directory import GATEWAY, open_directory
from services.kit.settings import load_settings

CAST = read_story().cast


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.create(tmp_path / "world", CAST)
    yield made
    made.release()


def test_every_process_accepts_its_settings_and_keys(world: World) -> None:
    for name, place in world.agencies.items():
        settings = load_settings(place.settings)
        assert settings.organisation == name
        assert settings.read_credentials().tls.organisation() == name
        assert place.client.organisation() == name
    assert load_gateway_settings(world.gateway.settings).listen.port == world.gateway.port


def test_each_console_accepts_its_settings_and_the_provider_knows_it(tmp_path: Path) -> None:
    made = World.create(tmp_path / "world", CAST, consoles=["kent-mappa-unit"])
    try:
        place = made.consoles["kent-mappa-unit"]
        settings = load_console_settings(place.settings)
        client = next(
            entry
            for entry in load_identity_settings(made.identity.settings).clients
            if entry.client_id == settings.identity.client.client_id
        )
        assert settings.organisation == client.organisation == "kent-mappa-unit"
        assert client.redirect_uris == (f"{settings.address}/signed-in",)
        assert client.sign_out_uris == (f"{settings.address}/signed-out",)
        assert settings.agency.address == made.agencies["kent-mappa-unit"].address
        assert settings.gateway.address == made.gateway.address
        assert place.settings.stat().st_mode & 0o077 == 0
    finally:
        made.release()


def test_roles_follow_from_kinds(world: World) -> None:
    roles = {name: place.role for name, place in world.agencies.items()}

    assert roles["kent-police"] == "police"
    assert roles["kent-mappa-unit"] == roles["dwp-kent"] == "partner"
    assert set(roles.values()) == {"police", "probation", "prison", "childrens", "adults", "partner"}


def test_the_signed_directory_holds_everybodys_keys_and_the_gateways(world: World) -> None:
    now = datetime.now(UTC)
    scheme = read_verifying_key(world.scheme.public_key, "scheme")
    token = world.scheme.directory.read_text(encoding="utf-8")

    directory = open_directory(token, scheme, fingerprint=world.scheme.fingerprint, at=now)

    for owner in (*CAST, GATEWAY):
        assert directory.keys.encryption_key(owner, now).owner == owner
    for name, place in world.agencies.items():
        signing = load_settings(place.settings).read_credentials().ring.signing[0]
        assert directory.keys.verifying(signing.kid, now).owner == name


def test_nobody_but_its_owner_can_read_any_of_it(world: World) -> None:
    files = [path for path in world.folder.rglob("*") if path.is_file()]

    assert files
    assert [path for path in files if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_no_process_is_told_where_the_schemes_private_key_is(world: World) -> None:
    private = world.folder / "directory" / "private" / "scheme.jwk"

    assert private.is_file()
    for place in (world.gateway, *world.agencies.values()):
        assert "private" not in place.settings.read_text(encoding="utf-8")


def test_a_world_in_use_is_not_replaced_and_one_that_is_not_is(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    first = World.create(folder, CAST)
    (folder / "kent-police" / "left-over").write_text("old", encoding="utf-8")
    with pytest.raises(WorldError, match="is running in"):
        World.create(folder, CAST)

    first.release()
    second = World.create(folder, CAST)
    second.release()

    assert not (folder / "kent-police" / "left-over").exists()
    assert second.scheme.fingerprint != first.scheme.fingerprint


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not delete", encoding="utf-8")

    with pytest.raises(WorldError, match="is not empty"):
        World.create(tmp_path, CAST)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_organisation_that_the_directory_does_not_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RosterError, match="not in the directory: kent-navy"):
        choose_members(read_organisations(), ["kent-police", "kent-navy"])
    with pytest.raises(RosterError, match=r"cannot use .*absent\.yaml"):
        read_organisations(tmp_path / "absent.yaml")
