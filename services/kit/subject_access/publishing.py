"""Making a pack: content, document and signature."""

import asyncio
from collections.abc import Sequence

from services.kit.exchange.participant import Participant
from services.kit.subject_access.cases import Case
from services.kit.subject_access.clock import day_of
from services.kit.subject_access.document import write_document
from services.kit.subject_access.gathering import holder_of
from services.kit.subject_access.model import Settled
from services.kit.subject_access.pack import Law, Sender, build_pack
from services.kit.subject_access.proof import sign_pack


async def publish(
    participant: Participant, case: Case, settled: Sequence[Settled], law: Law
) -> tuple[bytes, bytes]:
    """The file of a case's pack, and its document.

    Raises:
        SigningKeyMissingError: no key of the organisation's may sign now.
    """
    names = holder_of(participant).name_of
    own = participant.organisation
    sender = Sender(own, names.get(own, own), lambda each: names.get(each, each))
    pack = build_pack(case, settled, law, sender, day_of(participant.clock.now()))
    pdf = await asyncio.to_thread(write_document, pack)
    return sign_pack(pack, pdf, participant.signing, participant.directory().token), pdf
