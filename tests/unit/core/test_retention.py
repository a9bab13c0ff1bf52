"""How long records are kept: as data, complete, and what contradicts itself is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.documents.v1.custody_pb2 import ReleaseNotice
from publicprotection.documents.v1.mappa_pb2 import RestrictionNotice

from gateway.adapters.files import RULEBOOK, read_rulebook, rulebook_texts
from gateway.core.coverage import CoverageFile
from gateway.core.endings import ends_at
from gateway.core.errors import RulebookError
from gateway.core.log.entries import RecordType
from gateway.core.retention_model import ABOUT_EXCHANGES
from gateway.core.rulebook import load_rulebook

TEXTS = rulebook_texts()
RETENTION = read_rulebook().retention


def changed(name: str, **changes: Any) -> dict[str, str]:
    """The rulebook's texts with one class changed; None takes a key out."""
    data = yaml.safe_load(TEXTS["retention.yaml"])
    entry = next(each for each in data["classes"] if each["id"] == name)
    entry.update(changes)
    for key in [key for key, value in changes.items() if value is None]:
        del entry[key]
    return {**TEXTS, "retention.yaml": yaml.safe_dump(data)}


def test_records_of_exchanges_go_by_document_and_others_by_type() -> None:
    assert getattr(RETENTION.class_of("RECEIPT", "MeetingMinutes"), "id", None) == "MAPPA_MINUTES"
    assert getattr(RETENTION.class_of("PREVIEW", "MeetingMinutes"), "id", None) == "CONSULTATION"
    assert getattr(RETENTION.class_of("SUBJECT_ERASED", None), "id", None) == "GOVERNANCE"
    assert RETENTION.class_of("RECEIPT", None) is None


def test_what_shows_that_something_was_erased_or_stopped_is_never_pruned() -> None:
    for kind in set(RecordType) - ABOUT_EXCHANGES:
        kept = RETENTION.class_of(kind, None)
        assert kept is not None
        access = {"ACCESS_REFUSED", "SUBJECT_LOCATED", "ACCESS_ENQUIRED", "ACCESS_ANSWERED", "TEXTS_MASKED"}
        asked = kind in {
            "LOG_QUERY",
            "SUBJECT_QUERY",
            "REGISTER_EXPORTED",
            "PREVIEW",
            "PREVIEW_REJECTED",
            *access,
        }
        decided = kind in {"DISCLOSURE_DECIDED", "DISCLOSURE_TOLD"}  # about a case, and kept as long as one
        assert kept.is_pruned == (asked or decided or kind in {"REJECTION", "SUBMISSION_REFUSED"})


def test_a_period_that_no_guidance_states_says_that_it_is_policy() -> None:
    for each in RETENTION.classes:
        assert (each.authority == "POLICY") == ("no period is stated" in each.paragraph), each.id


def test_only_a_policy_can_be_switched_off_and_then_keeps() -> None:
    off = load_rulebook(changed("MAPPA_CASE", applies=False)).retention.find("MAPPA_CASE")
    assert off is not None
    assert not off.is_pruned
    with pytest.raises(RulebookError, match="only a policy can be switched off"):
        load_rulebook(changed("MAPPA_MINUTES", applies=False))


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("DOMESTIC_ABUSE", {"documents": ["MaracReferal"]}, "did you mean MaracReferral"),
        ("DOMESTIC_ABUSE", {"documents": ["RestrictionNotice"]}, "stands in several classes"),
        ("MINUTES_REQUEST", {"documents": ["MinutesReply"]}, "MinutesRequest has no class"),
        ("SET_ASIDE", {"records": ["REJECTION"]}, "SUBMISSION_REFUSED has no class"),
        ("SET_ASIDE", {"records": ["REJECTION", "SUBMISSION_REFUSED", "RECEIPT"]}, "of the exchange's"),
        ("SET_ASIDE", {"years": None}, "say how many"),
        ("GOVERNANCE", {"years": 3}, "except where records are kept"),
        ("MAPPA_MINUTES", {"then": "PRUNE"}, "is reviewed by a person"),
        ("MAPPA_CASE", {"starts": "RECORD"}, "go together"),
        ("MAPPA_CASE", {"records": ["REJECTION"]}, "either documents or records"),
        ("MAPPA_CASE", {"event": "It ends."}, "say which one"),
    ],
)
def test_what_contradicts_itself_is_refused(name: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(RulebookError, match=words):
        load_rulebook(changed(name, **changes))


def test_the_account_of_the_guidance_says_the_same() -> None:
    account: dict[str, Any] = {}
    for file in (RULEBOOK / "coverage").glob("*.yaml"):
        if file.name != "ceilings.yaml":
            account |= CoverageFile.model_validate(yaml.safe_load(file.read_text())).coverage
    stated = {name for name, each in account.items() if "retention.yaml" in each.by}
    implements = [each.implements for each in RETENTION.classes] + [
        each.implements for each in RETENTION.endings
    ]
    assert stated == {name for some in implements for name in some}


def restricted(*ends: tuple[int, int, int]) -> RestrictionNotice:
    notice = RestrictionNotice()
    for year, month, day in ends:
        notice.restrictions.add().end.MergeFrom(Date(year=year, month=month or None, day=day or None))
    return notice


@pytest.mark.parametrize(
    ("ends", "kind", "expected"),
    [
        ([(2027, 3, 31), (2027, 1, 5)], "DWP", datetime(2027, 3, 31, tzinfo=UTC)),
        ([(2027, 3, 31)], "POLICE", None),
        ([(2027, 3, 31), (2027, 1, 0)], "DWP", None),
        ([], "DWP", None),
    ],
)
def test_a_restriction_notice_is_over_on_its_last_day_at_the_dwp(
    ends: list[tuple[int, int, int]], kind: str, expected: datetime | None
) -> None:
    assert ends_at(RETENTION, restricted(*ends), kind) == expected


def test_what_has_no_end_is_not_over() -> None:
    notice = restricted((2027, 3, 31))
    notice.restrictions.add(without_end=True)
    assert ends_at(RETENTION, notice, "DWP") is None
    assert ends_at(RETENTION, ReleaseNotice(), "DWP") is None


@pytest.mark.parametrize(("key", "words"), [("parts", "has no list"), ("day", "has no field")])
def test_an_ending_names_fields_that_there_are(key: str, words: str) -> None:
    data = yaml.safe_load(TEXTS["retention.yaml"])
    data["endings"][0][key] = "ende"
    with pytest.raises(RulebookError, match=words):
        load_rulebook({**TEXTS, "retention.yaml": yaml.safe_dump(data)})
