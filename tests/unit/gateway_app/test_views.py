"""What each side may learn of a decision."""

from datetime import UTC, datetime, timedelta

from gateway.app.views import Standing, recipient_told, sender_view
from gateway.core.model import Desk, Effect, FiredRule, HeldItem, Outcome, Ruling, Tell, WithheldItem

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
RULE = FiredRule("MAPPA-22.20", "MAPPA 22.20", Effect.HOLD, "Because.")
OTHER = FiredRule("CPF-1", "CPF 1", Effect.WITHHOLD, "So.")


def held(path: str, tell: Tell) -> HeldItem:
    return HeldItem(
        paths=(path,),
        categories=("VICTIM_RISK",),
        prerequisite="OWNER_AGREES",
        rule=RULE,
        organisation="kent-police",
        role="INFORMATION_OWNER",
        whole_exchange=False,
        escalates_after_working_days=2,
        tell_sender=tell,
        tell_recipient=tell,
    )


def ruling(*withheld: WithheldItem) -> Ruling:
    return Ruling(
        recipient=Desk("kent-adults", "hub"),
        outcome=Outcome.RELEASED,
        released=frozenset({"type", "document.a"}),
        derived=(),
        withheld=withheld,
        held=(),
        rules=(),
        flags=(),
        instead=None,
        agreement=None,
        rulebook="1",
        reason=None,
    )


def standing(*items: tuple[str, HeldItem]) -> Standing:
    return Standing(
        outcome=Outcome.RELEASED,
        held={hold_id: (item, NOW + timedelta(days=days)) for days, (hold_id, item) in enumerate(items)},
        declined=(),
        released=frozenset({"document.a"}),
        flags=(),
        decided_at=NOW,
    )


def test_ids_stay_with_their_holds_where_one_is_not_told() -> None:
    now = standing(
        ("h-1", held("document.a", Tell.REASON)),
        ("h-2", held("document.b", Tell.NOTHING)),
        ("h-3", held("document.c", Tell.CATEGORY)),
    )
    view = sender_view(ruling(), now)
    assert [(each.hold_id, list(each.paths)) for each in view.held] == [
        ("h-1", ["document.a"]),
        ("h-3", ["document.c"]),
    ]
    assert [each.escalates_at.ToDatetime(UTC) for each in view.held] == [NOW, NOW + timedelta(days=2)]
    assert list(view.released) == ["document.a"]


def test_recipient_is_told_a_category_once_however_many_rules_and_leaves() -> None:
    items = [
        WithheldItem(f"document.x{number}", "SUBJECT_RISK", rule, Tell.REASON, Tell.CATEGORY)
        for number in range(5)
        for rule in (RULE, OTHER)
    ]
    silent = WithheldItem("document.y", "SUBJECT_INTELLIGENCE", RULE, Tell.NOTHING, Tell.NOTHING)
    told = recipient_told(ruling(*items, silent), standing())
    assert [(each.category, each.rule, each.reason) for each in told] == [("SUBJECT_RISK", None, None)]


def test_recipient_is_told_the_reason_where_it_may_be() -> None:
    items = [
        WithheldItem("document.x", "SUBJECT_RISK", RULE, Tell.REASON, Tell.CATEGORY),
        WithheldItem("document.y", "SUBJECT_RISK", OTHER, Tell.REASON, Tell.REASON),
    ]
    told = recipient_told(ruling(*items), standing())
    assert [(each.category, each.rule) for each in told] == [("SUBJECT_RISK", "CPF-1")]
