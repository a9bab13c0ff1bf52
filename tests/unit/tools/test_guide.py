import re
from pathlib import Path

import pytest
from google.protobuf.descriptor_pool import Default

from services.kit.rpc.reflection import load_documents
from tools import guide
from tools.commands import CommandError

PYTHON = '''import os


# Why it is.
def first(value: int) -> int:
    """What."""

    return value


class Second:
    """What."""
'''
JAVASCRIPT = (
    "import a;\n\n// Why it is.\nexport async function first(x) {\n  a();\n\n  b();\n}\n\nclass Second {}\n"
)
SHELL = "#!/bin/sh\nset -eu\n\n# Why it is.\nfirst() {\n    a\n\n    b\n}\n\nfirst\n"


def test_the_guide_quotes_what_is_tested_and_tabulates_what_is_true() -> None:
    assert guide.check()


def test_every_example_stands_in_the_guide(repository: Path) -> None:
    text = guide.GUIDE.read_text(encoding="utf-8")
    programs = [
        path.relative_to(repository).as_posix()
        for path in (repository / "examples").glob("*/*")
        if path.suffix in {".py", ".mjs", ".sh"}
    ]
    assert len(programs) >= 11
    assert [name for name in programs if name not in text] == []


def test_every_reason_in_the_code_stands_in_the_guide(repository: Path) -> None:
    text = guide.GUIDE.read_text(encoding="utf-8")
    sources = [path.read_text(encoding="utf-8") for path in (repository / "services/kit").rglob("errors.py")]
    reasons = {
        found
        for source in sources
        for found in re.findall(r'^    reason = "([A-Z_]+)"', source, re.MULTILINE)
    }
    assert {"REQUEST_ID_REUSED", "DELIVERY_EXPIRED"} <= reasons
    assert [reason for reason in reasons if f"| `{reason}` |" not in text] == []


def test_every_state_and_kind_that_the_guide_names_is_in_the_contract() -> None:
    load_documents()
    text = guide.GUIDE.read_text(encoding="utf-8")
    file = Default().FindFileContainingSymbol
    known = {
        name
        for enum in ("ExchangeState", "OutcomeKind", "Urgency")
        for name in file(f"publicprotection.exchange.v1.{enum}").enum_types_by_name[enum].values_by_name
    }
    named = set(re.findall(r"`((?:EXCHANGE_STATE|OUTCOME_KIND|URGENCY)_[A-Z_]+)`", text))
    assert len(named) > 5
    assert named <= known


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (PYTHON, PYTHON.split("\n\n\n")[1]),
        (JAVASCRIPT, JAVASCRIPT.split("import a;\n\n")[1].split("\n\nclass", maxsplit=1)[0]),
        (SHELL, SHELL.split("set -eu\n\n")[1].split("\n\nfirst", maxsplit=1)[0]),
    ],
)
def test_a_definition_is_cut_out_whole_with_what_stands_above_it(source: str, expected: str) -> None:
    assert guide.cut_definition(source, "first") == expected
    assert guide.cut_definition(source, "third") is None


def test_a_stale_quote_is_replaced() -> None:
    text = "Before.\n\n```python examples/python/agency.py#connect\nold\n```\n\nAfter.\n"
    composed = guide.compose(text)
    assert "old" not in composed
    assert "grpc.secure_channel" in composed
    assert composed.startswith("Before.\n")
    assert composed.endswith("```\n\nAfter.\n")
    assert guide.compose(composed) == composed


def test_a_stale_table_is_replaced() -> None:
    text = "<!-- table: limits -->\n| old |\n\nAfter.\n"
    composed = guide.compose(text)
    assert "old" not in composed
    assert "| one request | 4 MiB |" in composed
    assert composed.endswith("|\n\nAfter.\n")


@pytest.mark.parametrize(
    "text",
    [
        "```python examples/python/nothing.py\n```\n",
        "```python examples/python/agency.py#nothing\n```\n",
        "<!-- table: nothing -->\n",
    ],
)
def test_what_there_is_not_cannot_be_quoted(text: str) -> None:
    with pytest.raises(CommandError):
        guide.compose(text)


def test_an_outdated_guide_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outdated = tmp_path / "integrate.md"
    outdated.write_text("<!-- table: limits -->\n| old |\n", encoding="utf-8")
    monkeypatch.setattr(guide, "GUIDE", outdated)
    with pytest.raises(CommandError, match="make guide"):
        guide.check()
