"""Who signs and stops agreements at a gateway, and what they write."""

from functools import cache
from pathlib import Path

from gateway.adapters.papers import check_proposal, read_papers
from gateway.adapters.world import Grounds
from gateway.app.agreement_desk import AgreementDesk, Done
from gateway.app.agreement_import import Paper, import_agreements
from gateway.core.agreements import Agreement, terms_digest_of
from services.kit.access.actor import Actor, Person, Role, System
from tests.support.gateway import ROOT, Gateway, Parties

AGREEMENTS = ROOT / "deploy" / "agreements"
DWP = (AGREEMENTS / "kent-dwp.yaml").read_text(encoding="utf-8")
UNIT, DWP_KENT, PROBATION, POLICE = "kent-mappa-unit", "dwp-kent", "kent-probation", "kent-police"
CONTROLLERS = (UNIT, DWP_KENT, PROBATION, POLICE)


def signatory(organisation: str, name: str = "Ada Merrow") -> Actor:
    """Somebody who signs for an organisation; the same name is the same person."""
    roles = frozenset({Role.AGREEMENT_SIGNATORY})
    person = Person(f"id-{name}", name, "HEAD_OF_PUBLIC_PROTECTION", roles, organisation, "front")
    return Actor(System(organisation, "console"), Role.AGREEMENT_SIGNATORY, person)


def draft(version: str, **changes: str) -> str:
    """The agreement with the DWP as a draft of a later version that starts on the tests' day."""
    head, _, tail = DWP.partition("signatures:\n")
    text = head + "clauses:\n" + tail.partition("clauses:\n")[2]
    given = {"version": f'"{version}"', "state": "DRAFT", "starts": '"2026-11-23"', **changes}
    lines = []
    for line in text.splitlines():
        key = line.partition(":")[0]
        lines.append(f"{key}: {given[key]}" if key in given else line)
    return "\n".join(lines) + "\n"


def desk_of(gateway: Gateway) -> AgreementDesk:
    grounds = Grounds(gateway.parties.directory, gateway.parties.world)
    return AgreementDesk(gateway.store, gateway.tools, lambda text: check_proposal(text, grounds))


async def take_over(gateway: Gateway, folder: Path = AGREEMENTS) -> int:
    """Imports the agreements of the demonstration."""
    return await import_agreements(gateway.store, gateway.tools, _papers(folder))


@cache
def _papers(folder: Path) -> list[Paper]:
    """Checked once: the law is the same for all tests."""
    parties = Parties()
    return read_papers(folder, Grounds(parties.directory, parties.world))


async def sign_all(desk: AgreementDesk, terms: Agreement) -> Done:
    """Two people of each controller sign."""
    done = [
        await desk.sign(signatory(name, person), terms.id, terms.version, terms_digest_of(terms))
        for name in CONTROLLERS
        for person in ("Ada Merrow", "Bo Tindall")
    ]
    return done[-1]
