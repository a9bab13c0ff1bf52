"""Who must be told of an erasure: each desk that something went to keeps its own copy until it erases it.

DPA 2018 section 48; UK GDPR Article 19.
"""

from collections.abc import Sequence

from publicprotection.oversight.v1 import retention_service_pb2 as pb2

from gateway.app.tools import Work


async def find_recipients(work: Work, exchange_ids: Sequence[str]) -> list[pb2.ErasureRecipient]:
    """The desks that something of these exchanges went to, by organisation and desk."""
    went: dict[tuple[str, str], dict[str, None]] = {}
    for row in await work.unit.deliveries.of_exchanges(exchange_ids) if exchange_ids else ():
        if row.refused is None:
            went.setdefault((row.organisation, row.desk), {})[row.exchange_id] = None
    return [
        pb2.ErasureRecipient(organisation=organisation, desk=desk, exchanges=exchanges)
        for (organisation, desk), exchanges in sorted(went.items())
    ]
