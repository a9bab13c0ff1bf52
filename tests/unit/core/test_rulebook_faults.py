"""A rulebook that says what it may not is refused at load, with file, line, entry and remedy."""

from collections.abc import Callable
from textwrap import dedent

import pytest

from gateway.adapters.files import rulebook_texts
from gateway.core.errors import RulebookError
from gateway.core.rulebook import load_rulebook

EMPLOYER = '  - {kind: EMPLOYER, standing: THIRD_PARTY, paragraph: "MAPPA 9.1, 10.2"}\n'
HEAD = "guidance: Test\nedition: '1'\nrules:\n"


def faults(rule: str) -> RulebookError:
    texts = rulebook_texts() | {"rules-test.yaml": HEAD + dedent(rule).strip("\n").replace("\n", "\n")}
    with pytest.raises(RulebookError) as raised:
        load_rulebook(texts)
    return raised.value


def rule(body: str, extra: str = "") -> str:
    return f"  - id: TEST-1\n    paragraph: Test 1\n    reason: Because.\n{extra}    {body}\n"


@pytest.mark.parametrize(
    ("text", "line", "advice"),
    [
        (rule("withhold: [SUBJECT_OFENCE]"), 7, "did you mean SUBJECT_OFFENCE?"),
        (rule("withhold: [SUBJECT_OFFENCE]", "    applies: {purposes: [MANAGE_RISKS]}\n"), 7, "MANAGE_RISK"),
        (rule("withhold: [SUBJECT_OFFENCE]", "    applies: {recipients: [POLIZEI]}\n"), 7, "POLICE"),
        (rule("withhold: [SUBJECT_OFFENCE]", "    applies: {documents: [ReleaseNotic]}\n"), 7, "Release"),
        (rule("withhold: [SUBJECT_OFFENCE]", "    unless: [offender_inform]\n"), 7, "offender_informed"),
        (rule("withold: [SUBJECT_OFFENCE]"), 7, "is no key here"),
        (rule("withhold: []"), 4, "exactly one of"),
        (rule("permit_only: [SUBJECT_IDENTITY]"), 4, "say `prohibition: true`"),
        (rule("refuse: {}", "    prohibition: true\n"), 4, "can only remove"),
        (rule("hold: {prerequisite: NOBODY_KNOWS, scope: EXCHANGE}"), 4, "not in prerequisites.yaml"),
        (rule("hold: {prerequisite: AGREEMENT, scope: ITEM}"), 7, "names categories"),
        (rule("generalise: {SUBJECT_IDENTITY: date-to-yaer/1}"), 7, "date-to-year/1"),
        (rule("withhold: [SUBJECT_RISK]", "    tell: {recipient: NOTHING}\n"), 7, "needs a `citation`"),
        (rule("withhold: [SUBJECT_RISK]", "    unless: [owner_agrees]\n"), 4, "about one item"),
        (rule("withhold: [SUBJECT_RISK]", "    when: header.purpos == 1\n"), 7, "undefined field 'purpos'"),
        (rule("withhold: [SUBJECT_RISK]", "    when: header.purpose == 1\n"), 7, "write has(header.purpose)"),
        (rule("withhold: [SUBJECT_RISK]", "    when: document.purpose == 1\n"), 7, "undeclared reference"),
        (rule("withhold: [SUBJECT_RISK]", '    when: "has(header.facts)"\n'), 7, "name them under `unless`"),
        (rule("withhold: [SUBJECT_RISK]", '    when: "dyn(1) == 1"\n'), 7, "dyn is not allowed"),
        (rule("withhold: [SUBJECT_RISK]", "    when: \"{'a': 1}['a'] == 1\"\n"), 7, "maps are not allowed"),
        (rule("withhold: [SUBJECT_RISK]", "    when: 1 + 1\n"), 7, "true or false"),
    ],
)  # fmt: skip
def test_the_fault_is_named_with_its_line_and_remedy(text: str, line: int, advice: str) -> None:
    error = faults(text)
    assert (error.file, error.line, error.item) == ("rules-test.yaml", line, "TEST-1")
    assert advice in error.advice


def test_the_same_id_twice_is_refused() -> None:
    text = rule("withhold: [SUBJECT_RISK]").replace("TEST-1", "MAPPA-21.28")
    assert faults(text).item == "MAPPA-21.28"


def test_a_key_written_twice_is_refused() -> None:
    text = rule("withhold: [SUBJECT_RISK]", "    reason: Other.\n")
    error = faults(text)
    assert (error.line, "twice" in error.advice) == (7, True)


@pytest.mark.parametrize("name", ["kinds.yaml", "gates.yaml", "needs.yaml", "header.yaml"])
def test_a_missing_file_is_refused(name: str) -> None:
    texts = rulebook_texts()
    del texts[name]
    with pytest.raises(RulebookError, match="missing"):
        load_rulebook(texts)


def _drop(file: str, line: str) -> Callable[[dict[str, str]], None]:
    def change(texts: dict[str, str]) -> None:
        assert line in texts[file]
        texts[file] = texts[file].replace(line, "")

    return change


@pytest.mark.parametrize(
    ("change", "item"),
    [
        (_drop("kinds.yaml", EMPLOYER), "EMPLOYER"),
        (_drop("prerequisites.yaml", "TIVE_REVIEW"), "PROTECTIVE_REVIEW"),
    ],
)  # fmt: skip
def test_an_incomplete_rulebook_is_refused(change: Callable[[dict[str, str]], None], item: str) -> None:
    texts = rulebook_texts()
    change(texts)
    with pytest.raises(RulebookError) as raised:
        load_rulebook(texts)
    assert raised.value.item == item


def test_a_file_of_another_name_is_refused() -> None:
    with pytest.raises(RulebookError, match="no file of a rulebook is called that"):
        load_rulebook(rulebook_texts() | {"mappa.yaml": "rules: []"})


def test_the_version_changes_with_any_file() -> None:
    texts = rulebook_texts()
    changed = texts | {"header.yaml": texts["header.yaml"] + "# a remark\n"}
    assert load_rulebook(texts).version != load_rulebook(changed).version
    assert load_rulebook(texts).version == load_rulebook(dict(reversed(texts.items()))).version
