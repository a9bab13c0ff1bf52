"""Calls that were not let in are on record, with whoever made them as a commitment."""

import json

from gateway.app.access_refusals import note_refusals
from gateway.app.records import entry_of
from services.kit.access.actor import Actor, Role, System
from services.kit.access.gatekeeper import Refusal
from tests.support.gateway import Gateway
from tests.support.identity import as_person

METHOD = "/publicprotection.oversight.v1.RegisterService/ListExchanges"


async def test_refusals_are_records_that_name_nobody(gateway: Gateway) -> None:
    person = as_person("kent-police", name="Ines Vale")
    actor = Actor(System("kent-police", "case-system"), Role.PRACTITIONER, person)
    notes = note_refusals(gateway.store, gateway.tools)
    for _ in range(3):
        notes.note(Refusal("kent-police", METHOD, "ROLE_NOT_ALLOWED", actor))
    notes.note(Refusal("kent-prison", METHOD, "TOKEN_UNBOUND"))
    await notes.flush()
    one, other = [entry_of(row) for row in await gateway.records("ACCESS_REFUSED")]
    assert (one["organisation"], one["client"], one["method"]) == ("kent-police", "case-system", METHOD)
    assert (one["reason"], one["refusals"]) == ("ROLE_NOT_ALLOWED", 3)
    assert len(one["author_commitment"]) == 64
    assert (other["organisation"], other["reason"], other["refusals"]) == ("kent-prison", "TOKEN_UNBOUND", 1)
    assert "author_commitment" not in other
    assert "Ines" not in json.dumps([one, other])
