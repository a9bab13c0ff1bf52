"""Who can sign in on a private system, and tokens for them."""

import tomllib
from pathlib import Path

import pytest

from deploy.local.people import (
    PeopleError,
    find_log_in,
    make_log_ins,
    read_log_ins,
    read_people,
    write_log_ins,
)
from deploy.local.roster import read_organisations
from deploy.local.toml import render
from deploy.story.model import Person, Story, read_story
from services.kit.access.actor import Role


def authors(story: Story) -> list[tuple[str, Person]]:
    found: list[tuple[str, Person]] = []
    for step in story.steps:
        if step.send is not None:
            found.append((step.send.sender.split("/")[0], step.send.author))
        if step.answer is not None:
            found.append((step.answer.organisation, step.answer.author))
        found += [(said.recipient.split("/")[0], said.author) for said in step.acknowledge]
    return found


def test_whoever_acts_in_the_story_is_who_signs_in_there() -> None:
    log_ins = make_log_ins(read_people())
    for organisation, author in authors(read_story()):
        person = find_log_in(log_ins, organisation).person
        assert (person.name, person.job) == (author.name, author.role)


def test_everybody_is_of_an_organisation_and_desk_that_there_is() -> None:
    desks = {entry.organisation: {desk.desk for desk in entry.desks} for entry in read_organisations()}
    for person in read_people():
        assert {*person.roles} <= set(Role)
        if person.organisation != "gateway":
            assert person.desk in desks[person.organisation], person.name


def test_each_start_has_passwords_of_its_own(tmp_path: Path) -> None:
    people = read_people()
    first, second = make_log_ins(people), make_log_ins(people)
    assert not {item.password for item in first} & {item.password for item in second}
    assert min(len(item.password) for item in first) >= 16

    write_log_ins(tmp_path, first)

    assert read_log_ins(tmp_path) == first
    assert (tmp_path / "log-ins.json").stat().st_mode & 0o077 == 0
    assert first[0].password not in repr(first)


def test_nobody_of_that_name_is_said(tmp_path: Path) -> None:
    with pytest.raises(PeopleError, match="kent-police can sign in as Nobody"):
        find_log_in(make_log_ins(read_people()), "kent-police", "Nobody")
    with pytest.raises(PeopleError, match="cannot use"):
        read_people(tmp_path / "nothing.yaml")


def test_tables_in_tables_are_written_as_toml_reads_them() -> None:
    settings = {
        "a": 1,
        "b": {"c": {"d": "e"}, "f": [{"g": True}, {"g": False, "h": {"i": ["j"]}}]},
        "k": [],
        "l": [{"m": {}}],
    }

    assert tomllib.loads(render(settings)) == settings
