"""Queries over the holds that are open: few, however many are not."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, literal_column, or_, select

from gateway.adapters.database.tables import HOLD
from gateway.app.hold_filter import HoldFilter, HoldOrder
from gateway.app.keyset import Place

# Written out, since only so SQLite knows that the partial indexes fit: of a parameter it proves nothing.
IS_OPEN: Final = HOLD.c.state == literal_column("'OPEN'")


def queue_query(wanted: HoldFilter) -> Select[Any]:
    """Open holds in the order asked for, from the place asked for on."""
    query = select(HOLD).where(IS_OPEN, *_conditions(wanted), *_from(wanted.order, wanted.after))
    if wanted.order is HoldOrder.ESCALATION:
        return query.order_by(HOLD.c.escalates_at, HOLD.c.position)
    return query.order_by(HOLD.c.position)


def tally_query(concerned: Collection[str], now: datetime) -> Select[Any]:
    """How many are open, by owner, prerequisite and document type."""
    kind = (HOLD.c.organisation.label("owner"), HOLD.c.prerequisite, HOLD.c.document_type)
    counts = (
        func.count().label("open"),
        func.sum(case((HOLD.c.escalates_at <= now, 1), else_=0)).label("escalated"),
        func.min(HOLD.c.opened_at, type_=HOLD.c.opened_at.type).label("oldest"),
    )
    query = select(*kind, *counts).where(IS_OPEN, _concerns(concerned))
    return query.group_by(HOLD.c.organisation, HOLD.c.prerequisite, HOLD.c.document_type)


def _concerns(organisations: Collection[str]) -> ColumnElement[bool]:
    names = sorted(organisations)
    parties = (HOLD.c.sender, HOLD.c.recipient_organisation, HOLD.c.organisation)
    return or_(*(each.in_(names) for each in parties))


def _conditions(wanted: HoldFilter) -> Iterator[ColumnElement[bool]]:
    yield _concerns(wanted.concerned)
    if wanted.is_unowned:
        yield HOLD.c.organisation == ""
    if wanted.escalated_by is not None:
        yield HOLD.c.escalates_at <= wanted.escalated_by
    equal = {
        HOLD.c.organisation: wanted.owner,
        HOLD.c.prerequisite: wanted.prerequisite,
        HOLD.c.document_type: wanted.document_type,
        HOLD.c.exchange_id: wanted.exchange_id,
    }
    yield from (column == value for column, value in equal.items() if value)


def _from(order: HoldOrder, after: Place) -> Iterator[ColumnElement[bool]]:
    if order is HoldOrder.AGE:
        yield HOLD.c.position > after.position
    elif after.at is not None:
        # The first of the two is what the index is read from.
        yield HOLD.c.escalates_at >= after.at
        yield or_(HOLD.c.escalates_at > after.at, HOLD.c.position > after.position)
