import pytest

from gateway.cli.masking import mask_narratives
from services.kit.evidence.derive import is_masking
from tests.redaction.scoring import FOLDER, KEPT, Score, paint, read_narratives, score

GENRES = 12
SETS = ["dev.jsonl", "own.jsonl", "unseen.jsonl", "second.jsonl"]
KEEPS = [KEPT, frozenset(), KEPT | {"victim"}, frozenset({"victim", "child", "family", "partner"})]


def measure(name: str, keep: frozenset[str] = KEPT) -> Score:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        return score(read_narratives(name), mask_narratives(lines, keep), keep)


@pytest.mark.parametrize("name", SETS)
def test_what_must_go_goes_and_the_rest_stays(name: str) -> None:
    total = measure(name)
    assert total.recall("named") >= 0.99, total.missed
    assert total.recall("identifiers") >= 0.99, total.missed
    assert total.recall("unlisted") >= 0.95, total.missed
    assert total.over_masking < 0.012  # the goal is 1.5 %; `own` repeats words that are names in it


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("name", SETS)
def test_whoever_is_kept_the_others_go(name: str, keep: frozenset[str]) -> None:
    total = measure(name, keep)
    assert total.recall("named") >= (0.96 if name == "second.jsonl" else 0.98), total.missed
    assert total.recall("identifiers") >= 0.99, total.missed
    assert total.over_masking < 0.015


@pytest.mark.parametrize("name", SETS)
def test_every_masked_text_is_a_masking_of_its_original(name: str) -> None:
    texts = {each["id"]: each["text"] for each in read_narratives(name)}
    with (FOLDER / name).open(encoding="utf-8") as lines:
        masked = list(mask_narratives(lines, KEPT))
    assert len(masked) == len(texts)
    assert all(is_masking(texts[each["id"]], each["text"]) for each in masked)


@pytest.mark.parametrize("name", SETS)
def test_the_narratives_are_marked_consistently(name: str) -> None:
    records = read_narratives(name)
    assert len({each["genre"] for each in records}) == GENRES
    for record in records:
        assert all(record["text"][span["start"] : span["end"]] == span["text"] for span in record["spans"])


def test_the_sets_name_different_people() -> None:
    """One full name may fall to two authors by chance; a set that copies another would share many."""
    names = [{party["name"] for each in read_narratives(name) for party in each["parties"]} for name in SETS]
    assert sum(map(len, names)) - len(set.union(*names)) <= 1


def test_a_span_masked_but_for_one_character_is_missed() -> None:
    record = {
        "id": "a",
        "text": "Ann came",
        "parties": [{"id": "p1", "role": "victim", "name": "Ann"}],
        "spans": [{"start": 0, "end": 3, "text": "Ann", "type": "PERSON", "party": "p1"}],
    }
    whole = score([record], [{"id": "a", "spans": [{"start": 0, "end": 3}]}])
    part = score([record], [{"id": "a", "spans": [{"start": 0, "end": 2}]}])
    assert (whole.recall("named"), whole.clean, whole.over) == (1.0, 1, 0)
    assert (part.recall("named"), part.clean) == (0.0, 0)


def test_masking_everything_is_over_masking() -> None:
    records = read_narratives("dev.jsonl")
    everything = [{"id": each["id"], "spans": [{"start": 0, "end": len(each["text"])}]} for each in records]
    total = score(records, everything)
    assert total.recall("named") == 1.0
    assert total.over_masking > 0.7


def test_a_narrative_without_a_prediction_is_all_missed() -> None:
    total = score(read_narratives("dev.jsonl"), [])
    assert total.recall("named") == 0.0
    assert total.over == 0


def test_painting_stays_inside_the_text() -> None:
    assert bytes(paint(3, [{"start": 1, "end": 9}])) == b"\x00\x01\x01"
