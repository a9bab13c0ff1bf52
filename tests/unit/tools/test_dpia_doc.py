"""docs/dpia.md: its tables are those of today, and a stale one is found."""

from pathlib import Path

import pytest

from gateway.core.documents import shareable_documents
from tools import dpia_doc
from tools.commands import CommandError
from tools.tables import fill_tables


def test_the_committed_page_is_up_to_date() -> None:
    dpia_doc.check()


def test_a_stale_table_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "dpia.md"
    page.write_text(
        dpia_doc.PAGE.read_text(encoding="utf-8").replace("RestrictionNotice", "Other", 1), "utf-8"
    )
    monkeypatch.setattr(dpia_doc, "PAGE", page)
    with pytest.raises(CommandError, match="out of date"):
        dpia_doc.check()


def test_every_document_and_prohibition_has_a_row() -> None:
    text = dpia_doc.PAGE.read_text(encoding="utf-8")
    for name in shareable_documents():
        assert f"\n| {name} |" in text
    assert "| MAPPA-21.28 |" in text


def test_a_table_that_nobody_makes_is_refused() -> None:
    with pytest.raises(CommandError, match="nobody makes"):
        fill_tables("<!-- table: other -->\n", {}, "a page")
