"""What an erasure and pruning have in common: what goes from the database, and which keys with it.

Keys and salts are destroyed after the transaction that deletes what they protect and records it: the scopes
are noted in that transaction, so that an interrupted destruction is made good at the next start.
"""

from collections.abc import Collection, Sequence

from gateway.app.digests import blind_subject
from gateway.app.ports import Store
from gateway.app.register.keeping import unlist
from gateway.app.scopes import exchange_scope
from gateway.app.tools import Tools, Work


async def forget_exchanges(work: Work, exchange_ids: Collection[str]) -> list[str]:
    """Deletes what is kept of exchanges beside their records; returns the scopes of keys to destroy."""
    for each in exchange_ids:
        await unlist(work, each)
    await work.unit.expiry.drop_exchanges(exchange_ids)
    await work.unit.clocks.forget(exchange_ids)
    return [exchange_scope(each) for each in exchange_ids]


async def forget_people(work: Work, subject_ids: Sequence[str]) -> list[str]:
    """Takes entries out of the subject register and the log's index; returns the scopes to destroy."""
    for each in subject_ids:
        await work.unit.log.unlist(blind_subject(work.tools.key_store, each))
    return await work.unit.subjects.forget(subject_ids)


async def doom(work: Work, key_scopes: Collection[str]) -> dict[str, int]:
    """Notes scopes to destroy once the unit is durable; returns how much that is, as members of a record."""
    await work.unit.expiry.doom(key_scopes)
    keys, salts = await work.tools.key_store.count(key_scopes)
    return {"keys_destroyed": keys, "salts_destroyed": salts}


async def destroy_doomed(store: Store, tools: Tools) -> int:
    """Destroys the keys and salts of all scopes noted; how many scopes those were.

    In a writer's transaction: nobody makes a new key of a scope meanwhile.

    Raises:
        StoreUnavailableError, KeyStoreUnavailableError: some may be left: to be done again.
    """
    async with store.writing() as unit:
        scopes = await unit.expiry.doomed()
        if scopes:
            await tools.key_store.destroy(scopes)
            await unit.expiry.destroyed(scopes)
    return len(scopes)
