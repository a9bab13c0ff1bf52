"""Making a pack: content, document and signature."""

import asyncio
from collections.abc import Sequence
from typing import Final

from services.kit.evidence.canonical import canonical
from services.kit.exchange.participant import Participant
from services.kit.subject_access.cases import Case
from services.kit.subject_access.clock import day_of
from services.kit.subject_access.document import write_document
from services.kit.subject_access.gathering import holder_of
from services.kit.subject_access.gets import only_decided
from services.kit.subject_access.model import Settled
from services.kit.subject_access.pack import Law, Sender, build_pack
from services.kit.subject_access.proof import sign_pack

UNMASKED: Final = "[This text is not masked yet.]"
"""Stands in a preview where a text will stand."""


async def preview(
    participant: Participant, case: Case, settled: Sequence[Settled], law: Law
) -> tuple[bytes, bytes]:
    """What would be published now: JSON without a signature, and the document, marked on each page."""
    decided = list(only_decided(case, settled, UNMASKED))
    pack = build_pack(case, decided, law, _sender(participant), day_of(participant.clock.now()))
    return canonical(pack), await asyncio.to_thread(write_document, pack, preview=True)


async def publish(
    participant: Participant, case: Case, settled: Sequence[Settled], law: Law
) -> tuple[bytes, bytes]:
    """The file of a case's pack, and its document.

    Raises:
        SigningKeyMissingError: no key of the organisation's may sign now.
    """
    pack = build_pack(case, settled, law, _sender(participant), day_of(participant.clock.now()))
    pdf = await asyncio.to_thread(write_document, pack)
    return sign_pack(pack, pdf, participant.signing, participant.directory().token), pdf


def _sender(participant: Participant) -> Sender:
    names = holder_of(participant).name_of
    own = participant.organisation
    return Sender(own, names.get(own, own), lambda each: names.get(each, each))
