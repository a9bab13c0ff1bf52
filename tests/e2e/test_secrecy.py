"""Nothing personal rests anywhere in the clear: not in logs, databases, queue names or the broker's store."""

import base64
from pathlib import Path

import pytest

from deploy.local.world import World
from deploy.story.model import Story
from deploy.story.played import PlayedStory
from tests.support.story_secrets import PUBLISHED, find_secrets, forms, secrets_told

SECRETS = (
    "Quillfeather",
    "Pennyroyal",
    "Wrenfield",
    "Appleyard-Finch",
    "Farrowdale",
    "Tidewright",
    "Larkspur Wharf",
    "Quincunx Row",
    "2009/0190441M",
    "9990142211",
    "07700 900417",
    "sertraline",
    "without knowing where she is",
)


STAFF_LISTS = ("identity/people.toml", "identity/log-ins.json")
"""The identity provider's own data: who works where."""


def files_of(world: World) -> list[Path]:
    lists = {world.folder / name for name in STAFF_LISTS}
    return [path for path in world.folder.rglob("*") if path.is_file() and path not in lists]


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for offset in range(3):
        path = tmp_path / str(offset)
        path.write_bytes(base64.urlsafe_b64encode(b"x" * offset + b"Pennyroyal is her name"))
        assert any(form in path.read_bytes() for form in forms("Pennyroyal"))
    assert find_secrets(tmp_path, ["Pennyroyal", "Quillfeather"]) == {
        ("Pennyroyal", name) for name in ("0", "1", "2")
    }


def test_the_search_knows_whatever_the_story_tells(story: Story) -> None:
    told = secrets_told(story)
    assert {"Quillfeather", "2 Larkspur Wharf", "CT97 4ZZ", "2009/0190441M", "07700 900417"} <= told
    assert sum(" " in text for text in told) > 20


def test_the_story_was_played_where_the_search_looks(world: World, played: PlayedStory) -> None:
    assert len(played.steps) > 1
    names = {path.relative_to(world.folder).as_posix() for path in files_of(world)}
    assert {"gateway/gateway.db", "kent-police/store.db", "logs/gateway.log"} <= names
    assert any(name.startswith("broker/data/") for name in names)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_file_of_the_running_system_holds(secret: str, world: World, played: PlayedStory) -> None:
    assert played.steps
    wanted = forms(secret)

    found = [path.name for path in files_of(world) if any(form in path.read_bytes() for form in wanted)]

    assert found == []


def test_nothing_that_the_story_tells_rests_in_the_clear(
    world: World, played: PlayedStory, story: Story
) -> None:
    assert played.steps
    assert find_secrets(world.folder, secrets_told(story) - PUBLISHED, but=STAFF_LISTS) == set()


def test_no_queue_is_named_after_anything_but_organisations(world: World) -> None:
    organisations = {name.split(".")[1] for name in world.broker.depths()}

    assert set(world.agencies) <= organisations
    assert not {secret.lower() for secret in SECRETS} & organisations
