"""Two rulebooks over abstracts of past decisions: same, changed, or cannot tell. Nothing personal is kept."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.adapters.files import rulebook_texts
from gateway.cli.commands import main
from gateway.core.abstracts import Abstract, abstract_of
from gateway.core.conditions import compile_condition
from gateway.core.decide import decide
from gateway.core.replay import Verdict, compare_rulebooks
from gateway.core.rulebook import CompiledRule
from gateway.core.rulebook_model import Rule
from gateway.core.world import World
from tests.support.core_world import VECTORS, vector

CASES = sorted(path.stem for path in VECTORS.glob("*.yaml"))


def with_rule(world: World, **parts: object) -> World:
    given = {"id": "LAW-NEW-1", "paragraph": "Section 1", "reason": "It is new."}
    rule = Rule.model_validate(given | parts)
    condition = compile_condition(rule.when, rule.applies.documents) if rule.when else None
    book = replace(world.rulebook, rules=(*world.rulebook.rules, CompiledRule(rule, condition)))
    return replace(world, rulebook=book)


@pytest.mark.parametrize("name", CASES)
def test_a_replay_comes_to_what_the_decision_came_to(name: str) -> None:
    """Shown by comparing with a rulebook that forbids, under no condition, exactly what was released."""
    read = vector(name)
    abstract = abstract_of(read.case, read.world)
    assert compare_rulebooks(abstract, read.world, read.world).verdict is Verdict.SAME
    stricter = with_rule(read.world, prohibition=True, permit_only=[])
    released = any(each.released for each in decide(read.case, read.world))
    changed = compare_rulebooks(abstract, read.world, stricter)
    if released:
        assert changed.verdict is Verdict.CHANGED
        assert any("RELEASED becomes REFUSED" in each for each in changed.differences)


def test_the_paths_released_are_those_of_the_decision() -> None:
    read = vector("mappa-E-14")
    (ruling,) = decide(read.case, read.world)
    stricter = with_rule(read.world, withhold=["SUBJECT_RESTRICTION"])
    found = compare_rulebooks(abstract_of(read.case, read.world), read.world, stricter)
    (gone,) = [each for each in found.differences if "no longer released" in each]
    expected = {path for path in ruling.released if path.startswith("document.restrictions")}
    assert set(gone.partition("released: ")[2].split(", ")) >= expected
    assert expected


def test_a_new_condition_that_would_matter_cannot_be_told() -> None:
    read = vector("mappa-E-14")
    abstract = abstract_of(read.case, read.world)
    asked = with_rule(read.world, when='has(header.request_id) && header.request_id == "x"', refuse={})
    assert compare_rulebooks(abstract, read.world, asked).verdict is Verdict.CANNOT_TELL


def test_a_new_condition_that_cannot_matter_is_certain() -> None:
    read = vector("mappa-E-14")
    abstract = abstract_of(read.case, read.world)
    elsewhere = with_rule(
        read.world,
        when='has(header.request_id) && header.request_id == "x"',
        applies={"recipients": ["MARAC"]},
        refuse={},
    )
    assert compare_rulebooks(abstract, read.world, elsewhere).verdict is Verdict.SAME


def test_a_document_that_is_gone_cannot_be_told() -> None:
    read = vector("mappa-E-14")
    abstract = abstract_of(read.case, read.world).model_copy(update={"document_type": "Telegram"})
    found = compare_rulebooks(abstract, read.world, read.world)
    assert found.verdict is Verdict.CANNOT_TELL
    assert "Telegram" in found.differences[0]


@pytest.mark.parametrize("name", CASES)
def test_an_abstract_keeps_no_value_of_the_document(name: str) -> None:
    read = vector(name)
    kept = abstract_of(read.case, read.world)
    written = kept.model_dump_json()
    assert Abstract.model_validate_json(written) == kept
    # The texts of conditions are the rulebook's, and may hold a word that a document holds too.
    content = json.dumps({**json.loads(written), "truths": {}})
    values = {
        value
        for path, value in read.case.leaves.items()
        if isinstance(value, str) and len(value) > 3 and path.startswith("document.") and " " in value
    }
    assert not [value for value in values if value in content]
    author = read.case.header.author.name
    assert not author or author not in content


def test_the_command_compares_folders_and_keeps_abstracts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / "old", tmp_path / "new"]
    for folder in folders:
        folder.mkdir()
        for name, text in rulebook_texts().items():
            (folder / name).write_text(text, encoding="utf-8")
    rules = folders[1] / "rules-mappa.yaml"
    narrowed = rules.read_text(encoding="utf-8").replace(
        "permit_only: [SUBJECT_IDENTITY, SUBJECT_RESTRICTION,", "permit_only: [SUBJECT_RESTRICTION,"
    )
    rules.write_text(narrowed, encoding="utf-8")
    kept = tmp_path / "kept.jsonl"
    case = str(VECTORS / "mappa-E-14.yaml")
    arguments = ["rulebook", "compare", *map(str, folders)]
    assert main([*arguments, "--cases", case, "--keep", str(kept)]) == 1
    assert "no longer released: document.subject" in capsys.readouterr().out
    assert main([*arguments, "--abstracts", str(kept)]) == 1
    assert "1 changed" in capsys.readouterr().out
    assert main(["rulebook", "compare", str(folders[0]), str(folders[0]), "--abstracts", str(kept)]) == 0


def test_owners_that_minutes_state_are_kept_and_wait_in_a_replay() -> None:
    read = vector("mappa-R-119-stated")
    abstract = abstract_of(read.case, read.world)
    assert "kent-police" in abstract.owners.values()
    book = read.world.rulebook
    rules = tuple(each for each in book.rules if each.rule.id != "MAPPA-22.20")
    found = compare_rulebooks(abstract, read.world, replace(read.world, rulebook=replace(book, rules=rules)))
    assert found.verdict is Verdict.CHANGED
    assert any("no longer held" in each and "victim_information" in each for each in found.differences)
