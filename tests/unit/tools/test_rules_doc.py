"""docs/rules.md says every rule in words; the schemas name every file and every closed list."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.cli.commands import main
from gateway.core.published import agreement_schema, rulebook_schema
from gateway.core.rulebook_model import Applies
from gateway.core.vocabulary import fact_names
from gateway.core.wording.words import scope, spelt_out
from tools import rules_doc
from tools.commands import CommandError
from tools.rules_text import Source, compose


@pytest.fixture(scope="module")
def source() -> Source:
    return rules_doc.read_source()


@pytest.fixture(scope="module")
def page(source: Source) -> str:
    return compose(source)


def test_every_rule_has_a_section_with_its_paragraph_and_reason(page: str, source: Source) -> None:
    rules = [rule for file in source.files.values() for rule in file.rules]
    assert len(rules) >= len(source.book.rules)
    for rule in rules:
        section = page.split(f"### {rule.id}\n", 1)[1].split("\n#", 1)[0]
        assert rule.reason in section
        assert f"**Paragraph**: {rule.paragraph}" in section


def test_a_prohibition_says_so_and_which_cases_show_it(page: str) -> None:
    section = page.split("### MAPPA-21.28\n", 1)[1].split("\n### ", 1)[0]
    assert "always prohibits; lets through only subject identity, subject restriction" in section
    assert "to RestrictionNotice, to DWP" in section
    assert "mappa:E-14" in section


def test_every_prerequisite_and_agreement_is_there(page: str, source: Source) -> None:
    assert all(f"| {name}: {each.title} |" in page for name, each in source.book.prerequisites.items())
    assert all(f"### {each.title}" in page for each in source.agreements)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("!has(document.part)", "the document's part is not stated"),
        (
            "has(document.part) && document.part == documents.v1.PatientPart.PATIENT_PART_FIRST",
            "the document's part is first",
        ),
        ("has(document.urgent) && document.urgent", "the document's urgent is true"),
        ("document.a == 1 || document.b != 2", "the document's a is 1 or the document's b is not 2"),
    ],
)
def test_conditions_are_spelt_out(condition: str, words: str) -> None:
    assert spelt_out(condition) == words


def test_a_scope_names_what_is_left_out() -> None:
    applies = Applies(except_documents=("ReleaseNotice",), except_recipients=("POLICE",))
    assert scope(applies) == "to every document except ReleaseNotice, to anybody but police"


def test_what_is_out_of_date_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_doc, "compose_all", lambda: {rules_doc.DOCS / "rules.md": "something else"})
    with pytest.raises(CommandError, match=r"docs/rules\.md is out of date: run `make rules-doc`"):
        rules_doc.check()


@pytest.mark.parametrize("schema", [rulebook_schema(), agreement_schema()], ids=["rulebook", "agreement"])
def test_every_reference_of_a_schema_leads_somewhere(schema: dict[str, Any]) -> None:
    found = list(references(schema))
    assert found
    assert {each.removeprefix("#/$defs/") for each in found} <= schema["$defs"].keys()


def test_the_rulebook_schema_names_files_and_lists() -> None:
    schema = rulebook_schema()
    assert {"version.yaml", "gates.yaml", "needs.yaml"} <= set(schema["required"])
    assert any(re.search(pattern, "rules-mappa.yaml") for pattern in schema["patternProperties"])
    assert schema["$defs"]["list_of_fact"]["enum"] == sorted(fact_names())


def test_the_command_prints_the_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rulebook", "schema", "--agreement"]) == 0
    assert '"title": "Agreement"' in capsys.readouterr().out


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)
