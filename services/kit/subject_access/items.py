"""Items: the leaves of what an organisation sent and received about somebody, and its disclosures. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

from google.protobuf.descriptor import Descriptor

from services.kit.evidence.leaf_kinds import leaf_kind
from services.kit.evidence.paths import covers
from services.kit.evidence.values import JsonValue
from services.kit.subject_access.clock import day_of
from services.kit.subject_access.model import DISCLOSURE, Item
from services.kit.subject_access.rules import Rules, Wording
from services.kit.subject_access.showing import label_of, place_of, show_date, show_value, title_of

_PROVENANCE: Final = "header.provenance["
_DOCUMENT: Final = "document"
_SUBJECT: Final = "SUBJECT"


@dataclass(frozen=True, slots=True)
class Holder:
    """The organisation whose items they are.

    Attributes:
        organisation: its id.
        kind: as the directory has it.
        name_of: what an organisation is called.
    """

    organisation: str
    kind: str
    name_of: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """An exchange as the organisation holds it.

    Attributes:
        located: what the gateway says of it: a `LocatedExchange` as JSON.
        document: its descriptor.
        leaves: as sent, or as far as released.
    """

    located: Mapping[str, Any]
    document: Descriptor
    leaves: Mapping[str, JsonValue] = field(repr=False)


def build_items(sources: Iterable[Source], holder: Holder, rules: Rules) -> Iterator[Item]:
    """The items of exchanges: one for each leaf that says something."""
    for source in sources:
        owners = _owners(source)
        for path in sorted(_leaves(source), key=partial(place_of, source.document)):
            yield _item(source, path, owners, holder, rules)


def build_disclosures(
    disclosures: Iterable[Mapping[str, Any]], holder: Holder, rules: Rules, wording: Wording
) -> Iterator[Item]:
    """The organisation's own disclosures, as items (DPA 2018 s.45(2)(c); UK GDPR Art. 15(1)(c))."""
    for each in disclosures:
        path, on = f"{DISCLOSURE}{each['delivery_id']}", _day(each)
        yield Item(
            item_id=each["delivery_id"],
            exchange_id=each["exchange_id"],
            document_type=each["document_type"],
            path=path,
            category="SUBJECT_MANAGEMENT",
            title="",
            label="",
            value="",
            shown="\n".join(_columns(each, holder, wording, on)),
            is_text=False,
            owner=holder.organisation,
            sender=holder.organisation,
            regime=rules.regime(frozenset(each.get("regimes", ())), holder.kind),
            on=on,
            own=True,
            is_case=True,
            purpose=each.get("purpose", ""),
        )


def _item(source: Source, path: str, owners: Mapping[str, str], holder: Holder, rules: Rules) -> Item:
    located, kind = source.located, leaf_kind(source.document, path)
    named_as = {each or _SUBJECT for each in located.get("named_as", ())}
    value = source.leaves[path]
    return Item(
        item_id=f"{located['exchange_id']}.{_number(source, path)}",
        exchange_id=located["exchange_id"],
        document_type=located["document_type"],
        path=path,
        category=kind.category,
        title=title_of(source.document),
        label=label_of(path),
        value=value,
        shown=holder.name_of.get(str(value)) or show_value(source.document, path, value),
        is_text=kind.free_text,
        owner=next((owner for prefix, owner in owners.items() if covers(prefix, path)), located["sender"]),
        sender=located["sender"],
        regime=rules.regime(frozenset(located.get("regimes", ())), holder.kind),
        on=_day(located),
        own=any(kind.category.startswith(f"{each}_") for each in named_as),
        is_case=bool(located.get("is_case")),
        purpose=located.get("purpose", ""),
    )


def _leaves(source: Source) -> Iterator[str]:
    """The leaves of the document that say something: what is present and empty does not."""
    for path, value in source.leaves.items():
        if path.startswith(_DOCUMENT) and not isinstance(value, dict):
            yield path


def _number(source: Source, path: str) -> int:
    """The place of a leaf among all of its exchange: the same each time, since leaves never change."""
    return sorted(source.leaves).index(path)


def _owners(source: Source) -> dict[str, str]:
    """From prefix to owner, as the sender stated it (design section 3: provenance)."""
    entries: dict[str, dict[str, JsonValue]] = {}
    for path, value in source.leaves.items():
        if path.startswith(_PROVENANCE):
            element, _, name = path.rpartition(".")
            entries.setdefault(element, {})[name] = value
    return {
        str(each["prefix"]): str(each["owner"])
        for each in entries.values()
        if {"prefix", "owner"} <= each.keys()
    }


def _day(each: Mapping[str, Any]) -> date:
    return day_of(datetime.fromisoformat(each["at"]).astimezone(UTC))


def _columns(each: Mapping[str, Any], holder: Holder, wording: Wording, on: date) -> Iterator[str]:
    yield show_date(on.isoformat())
    yield holder.name_of.get(each["recipient"], each["recipient"])
    kinds = (
        category.partition("_") for category in each.get("categories", ()) if category.startswith("SUBJECT_")
    )
    yield _sentence(wording.kinds.get(kind, "other information") for _, _, kind in kinds)
    yield wording.purposes.get(each.get("purpose", ""), "the purposes named below").capitalize()
    yield "; ".join(wording.bases.get(basis, basis) for basis in each.get("lawful_bases", ())) or "Not stated"


def _sentence(words: Iterable[str]) -> str:
    text = ", ".join(dict.fromkeys(words)) or "other information"
    return text[:1].upper() + text[1:]
