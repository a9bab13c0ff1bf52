"""Taking people out of the register, for an erasure. The keys of what is encrypted go elsewhere."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, Table, bindparam, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.rows import fetch
from gateway.adapters.database.subject_tables import (
    SUBJECT,
    SUBJECT_CASE_TEXT,
    SUBJECT_DESCRIPTION,
    SUBJECT_LINK,
    SUBJECT_MENTION,
    SUBJECT_TOLD,
    SUBJECT_TRACE,
)
from gateway.app.scopes import link_scope, subject_scope

_KEYS: Final[BindParameter[Any]] = bindparam("keys", expanding=True)
_SCOPES: Final[BindParameter[Any]] = bindparam("scopes", expanding=True)
_TOUCHING = or_(SUBJECT_LINK.c.first_id.in_(_KEYS), SUBJECT_LINK.c.second_id.in_(_KEYS))
_LINKS = select(SUBJECT_LINK.c.link_id).where(_TOUCHING).order_by(SUBJECT_LINK.c.position)
# Descriptions of somebody without an entry stand under the key of the subject beside whom they were named.
_THEIRS = or_(SUBJECT_DESCRIPTION.c.party_id.in_(_KEYS), SUBJECT_DESCRIPTION.c.key_scope.in_(_SCOPES))


async def forget_subjects(connection: AsyncConnection, subject_ids: Sequence[str]) -> list[str]:
    """Deletes all that the register has on these entries; see gateway.app.subject_ports.Subjects.forget."""
    links = [row["link_id"] for row in await fetch(connection, _LINKS, {"keys": subject_ids})]
    own = [subject_scope(each) for each in subject_ids]
    values = {"keys": list(subject_ids), "scopes": own}
    gone = select(SUBJECT_DESCRIPTION.c.text_id).where(_THEIRS)
    await connection.execute(
        delete(SUBJECT_CASE_TEXT).where(
            or_(SUBJECT_CASE_TEXT.c.subject_id.in_(_KEYS), SUBJECT_CASE_TEXT.c.text_id.in_(gone))
        ),
        values,
    )
    await connection.execute(delete(SUBJECT_TOLD).where(SUBJECT_TOLD.c.text_id.in_(gone)), values)
    await connection.execute(delete(SUBJECT_DESCRIPTION).where(_THEIRS), values)
    await connection.execute(delete(SUBJECT_LINK).where(_TOUCHING), {"keys": list(subject_ids)})
    for table in (SUBJECT_TRACE, SUBJECT_MENTION, SUBJECT):
        await _delete(connection, table, values)
    return [*own, *map(link_scope, links)]


async def _delete(connection: AsyncConnection, table: Table, values: dict[str, Any]) -> None:
    await connection.execute(delete(table).where(table.c.subject_id.in_(_KEYS)), {"keys": values["keys"]})
