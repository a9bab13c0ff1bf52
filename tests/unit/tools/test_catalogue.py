"""The catalogue is what the contract says: complete, and checked for drift."""

from pathlib import Path

import pytest

from tools import catalogue
from tools.commands import CommandError
from tools.contract import Contract
from tools.requirements import read_requirements


@pytest.fixture(scope="module")
def text() -> str:
    return catalogue.compose()


@pytest.fixture(scope="module")
def contract() -> Contract:
    return catalogue.compile_contract()


def test_each_document_has_a_section_with_its_verbs(text: str, contract: Contract) -> None:
    assert len(contract.documents) > 20
    for document in contract.documents:
        section = text.partition(f"\n### {document.name}\n")[2].partition("\n### ")[0]
        assert document.title in section
        assert document.comment in section
        assert all(f"`{verb.service}.{verb.name}`" in section for verb in document.verbs)
        assert all(f"| `{field.name}` |" in section for field in document.fields)


def test_only_messages_to_the_gateway_have_no_verb(contract: Contract) -> None:
    assert [each.name for each in contract.documents if not each.verbs and not each.for_gateway] == []


def test_every_comment_is_found(contract: Contract) -> None:
    parts = [*contract.documents, *contract.parts.values()]
    silent = [f"{part.name}.{leaf.name}" for part in parts for leaf in part.fields if not leaf.comment]
    silent += [part.name for part in parts if not part.comment]
    silent += [value.name for values in contract.choices.values() for value in values if not value.comment]
    assert silent == []


def test_annotations_are_shown(text: str) -> None:
    row = "| `health_needs` | string | SUBJECT | HEALTH | special: HEALTH, free text | max_len 5000 |"
    assert row in text
    assert "| SUBJECT | SENTENCE | required | not unspecified | Why the notice is sent. |" in text


def test_each_message_id_is_listed_with_what_became_of_it(text: str) -> None:
    section = text.partition("\n## Messages of the guidance\n")[2]
    for name, message in read_requirements().messages().items():
        line = next(line for line in section.splitlines() if line.startswith(f"| {name} |"))
        assert message.reason in line
        assert all(f"[{document}]" in line for document in message.carried)


def test_links_lead_to_headings(text: str) -> None:
    headings = {
        line.lstrip("#").strip().lower().replace(" ", "-") for line in text.splitlines() if line[:1] == "#"
    }
    links = {part.partition(")")[0] for part in text.split("](#")[1:]}
    assert links <= headings


def test_drift_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(catalogue, "CATALOGUE", tmp_path / "catalogue.md")
    monkeypatch.setattr(catalogue, "compose", lambda: text)
    with pytest.raises(CommandError, match="make catalogue"):
        catalogue.check()
    catalogue.CATALOGUE.write_text(text, encoding="utf-8")
    catalogue.check()
    catalogue.CATALOGUE.write_text(text + "\nmore", encoding="utf-8")
    with pytest.raises(CommandError, match="make catalogue"):
        catalogue.check()
