"""Abstracts of past decisions: so much of each that it can be decided again, and nothing of its content.

Kept as long as the exchange is: they go with its erasure and with its retention class.
"""

import zlib

from gateway.app.agreement_rows import AbstractRow
from gateway.app.tools import Work
from gateway.core.abstracts import Abstract
from gateway.core.model import Case

_QUICK = 1


async def keep_abstract(work: Work, case: Case, *, again: bool = False) -> None:
    """Keeps the abstract of a case as it is decided.

    Args:
        work: the unit of work.
        case: with the facts now on record.
        again: whether one was kept before.
    """
    header = case.header
    parties = (header.sender.organisation, *(each.organisation for each in header.recipients))
    body = zlib.compress(work.tools.current().abstract(case).model_dump_json().encode(), _QUICK)
    row = AbstractRow(case.exchange_id, parties, body, work.at)
    await (work.unit.abstracts.replace(row) if again else work.unit.abstracts.add(row))


def read_abstract(row: AbstractRow) -> Abstract:
    """An abstract that was kept."""
    return Abstract.model_validate_json(zlib.decompress(row.body))
