"""Every part has a licence that somebody allowed; what others made is known by its own word, or read."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import Distribution, distribution, distributions

import pytest

from tools.licences import LicenceTable, find_faults, main, read_table
from tools.parts import NPM, PYPI, Part, list_parts, normalise

TEXTS: Mapping[str, tuple[str, ...]] = {
    "MIT": ("Permission is hereby granted, free of charge", "The MIT License", "MIT License"),
    "BSD-3-Clause": (
        "Neither the name",
        "names of its contributors",
        "name of the copyright holder",
        "may not be used to endorse",
    ),
    "BSD-2-Clause": ("Redistribution and use in source and binary forms",),
    "Apache-2.0": ("Apache License", "http://www.apache.org/licenses/LICENSE-2.0"),
    "MPL-2.0": ("Mozilla Public License", "http://mozilla.org/MPL/2.0"),
    "LGPL-3.0-only": ("GNU LESSER GENERAL PUBLIC LICENSE", "GNU Lesser General Public License"),
    "LGPL-3.0-or-later": ("GNU LESSER GENERAL PUBLIC LICENSE", "GNU Lesser General Public License"),
    "PSF-2.0": ("PYTHON SOFTWARE FOUNDATION LICENSE",),
}
"""Of each licence, words that its text has."""


@pytest.fixture(scope="module")
def table() -> LicenceTable:
    return read_table()


def part(name: str, kind: str = NPM, licence: str = "") -> Part:
    return Part(kind, name, "1.0", True, licence)  # noqa: FBT003


def faults(table: LicenceTable, *parts: Part) -> list[str]:
    return [each for each in find_faults(list(parts), table) if "remove it" not in each]


def test_every_part_has_a_licence_that_is_allowed(table: LicenceTable) -> None:
    assert sorted(find_faults(list_parts(), table)) == []


def test_what_is_not_allowed_is_found(table: LicenceTable) -> None:
    assert faults(table, part("copyleft", licence="AGPL-3.0-only")) == [
        "copyleft: AGPL-3.0-only is not allowed: drop it, or give a reason in licences.toml"
    ]
    assert faults(table, part("silent")) == [
        "silent: says nothing of its licence: read it, and state it in licences.toml"
    ]
    installed = replace(table, installed={"vague": "BSD License"})
    assert "BSD License is not allowed" in faults(installed, part("vague", PYPI))[0]


@pytest.mark.parametrize(
    ("expression", "is_allowed"),
    [
        ("MIT", True),
        ("GPL-3.0-only OR MIT", True),
        ("(MIT OR GPL-3.0-only)", True),
        ("MIT AND PSF-2.0", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-2.0-only", False),
        ("", False),
    ],
)
def test_an_expression_is_allowed_by_one_of_its_choices_in_all_that_it_joins(
    table: LicenceTable, expression: str, *, is_allowed: bool
) -> None:
    assert table.permits(expression) is is_allowed


def test_what_nothing_has_is_removed_from_the_table(table: LicenceTable) -> None:
    more = replace(table, allowed={**table.allowed, "WTFPL": "none"})
    assert list(find_faults(list_parts(), more)) == ["WTFPL: is allowed, and nothing has it: remove it"]


def test_each_allowed_licence_has_a_reason(table: LicenceTable) -> None:
    assert all(len(reason) > len("free") for reason in table.allowed.values())


def test_the_command_prints_each_part_and_ends_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(list_parts())
    assert any(
        line.split() == ["pypi", "psycopg", distribution("psycopg").version, "LGPL-3.0-only"]
        for line in printed
    )


@pytest.mark.large
def test_where_a_licence_is_installed_its_text_is_the_one_that_is_named(table: LicenceTable) -> None:
    compared = [
        (name, licence, text)
        for name, licence, text in texts(table)
        if licence in TEXTS and not any(words in text for words in TEXTS[licence])
    ]
    assert sum(1 for _ in texts(table)) > 50
    assert [(name, licence) for name, licence, _ in compared] == []


def texts(table: LicenceTable) -> list[tuple[str, str, str]]:
    """Of each installed package: its name, its licence, and the licence's text as installed with it."""
    named = {each.name: table.find(each) for each in list_parts() if each.kind == PYPI}
    return [
        (name, named[name], text)
        for each in distributions()
        if (name := normalise(each.metadata["Name"])) in named and (text := licence_text(each))
    ]


def licence_text(each: Distribution) -> str:
    files = [
        file for file in each.files or () if "licen" in file.name.lower() or "copying" in file.name.lower()
    ]
    return "\n".join(file.read_text() for file in files if file.suffix not in (".py", ".pyc"))
