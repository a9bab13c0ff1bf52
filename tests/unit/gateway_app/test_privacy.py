"""Nothing about a person stands in clear in anything that the gateway keeps."""

from pathlib import Path

import pytest
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_RECEIVED

from gateway.app.records import commitment, read_text, salt_name
from gateway.app.scopes import exchange_scope
from tests.support.gateway import Gateway, Parties, open_gateway

# Shorter values turn up in any file by chance.
LEAST = 5
# Values that the gateway keeps as codes: who sends what, and what for.
CODES = (
    "type",
    "header.sender",
    "header.recipients",
    "header.purpose",
    "header.lawful_bases",
    "header.conditions",
    "header.urgency",
    "header.marking",
    "header.provenance",
    "header.facts",
    "document.hold_id",
    "document.answerer.desk",
    "document.answerer.organisation",
)


def texts_of(leaves: dict[str, object]) -> set[str]:
    """The texts of an exchange that are somebody's: the document's, the author's, the necessity."""
    return {
        value
        for path, value in leaves.items()
        if isinstance(value, str)
        and len(value) >= LEAST
        and not path.startswith(CODES)
        and not value.replace("_", "").isupper()  # an enumeration's name is a word of the contract
    }


async def play(gateway: Gateway) -> set[str]:
    """A contribution held, granted, receipted and acknowledged; every text in it."""
    sealed = gateway.step("contribution")
    notice = gateway.step("release-notice")
    await gateway.take(sealed.arrival, notice.arrival)
    police, unit_name = gateway.parties.of_kind("POLICE"), gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    outcomes, _ = await gateway.received(police)
    hold_id = next(held.hold_id for told in outcomes for each in told.decisions for held in each.held)
    answer = gateway.answer(police, hold_id, HOLD_VERDICT_GRANT)
    await gateway.take(answer.arrival)
    _, releases = await gateway.received(unit_name)
    for delivery, _ in releases:
        await gateway.take(gateway.receipt(unit_name, delivery))
        await gateway.take(gateway.acknowledgement(unit_name, delivery, ACKNOWLEDGEMENT_KIND_RECEIVED))
    await gateway.received(sealed.organisation)
    texts = texts_of(sealed.leaves) | texts_of(notice.leaves) | texts_of(answer.leaves)
    return texts - set(gateway.parties.directory.organisations)  # whose ids name no person


def found_in(folder: Path, texts: set[str]) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} >= {".db"}
    content = b"".join(path.read_bytes() for path in files)
    return {text for text in texts if text.encode() in content or text.upper().encode() in content}


async def test_files_of_the_running_gateway_name_nobody(gateway: Gateway) -> None:
    texts = await play(gateway) | {"Beatrix Holloway-Ash"}
    assert len(texts) > 20
    assert "Pennyroyal" in texts
    assert any(path.name.endswith("-wal") for path in gateway.folder.iterdir())
    assert found_in(gateway.folder, texts) == set()


async def test_files_after_the_gateway_stopped_name_nobody(parties: Parties, tmp_path: Path) -> None:
    async with open_gateway(parties, tmp_path) as gateway:
        texts = await play(gateway)
    assert found_in(tmp_path, texts) == set()


async def test_search_would_find_a_text(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"...Pennyroyal...")
    assert found_in(tmp_path, {"Pennyroyal"}) == {"Pennyroyal"}


async def test_commitments_open_with_the_key_store_and_only_with_it(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    async with gateway.store.reading() as unit:
        rows = {row.name: row for row in await unit.texts.of_exchange(sealed.exchange_id)}
        exchange = await unit.register.find(sealed.exchange_id)
    assert exchange is not None
    assert set(rows) == {"author", "necessity", "paths"} | ({"grounds"} & set(rows))
    key = await gateway.key_store.data_key(exchange_scope(sealed.exchange_id))
    salt = await gateway.key_store.salt(
        exchange_scope(sealed.exchange_id), salt_name(sealed.exchange_id, "necessity")
    )
    assert key is not None
    assert salt is not None
    text = read_text(rows["necessity"], key)
    assert sealed.leaves["header.necessity"] in text.decode()
    assert commitment(salt, text) == exchange.necessity_commitment
    assert commitment(bytes(16), text) != exchange.necessity_commitment


async def test_logs_name_nobody(gateway: Gateway, capsys: pytest.CaptureFixture[str]) -> None:
    texts = await play(gateway)
    said = capsys.readouterr()
    assert not any(text in said.out + said.err for text in texts)
