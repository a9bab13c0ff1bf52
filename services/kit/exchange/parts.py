"""The parts of an agency's process that exchange: outbox, relay, intake, and the services on top of them."""

from datetime import timedelta

from services.kit.access.client import CallTokens, ClientCredentials, open_trust
from services.kit.access.tokens import audience_of
from services.kit.agency import Foundation, Parts
from services.kit.clocks.confirming import ConfirmationWatch
from services.kit.clocks.service import serve_clocks
from services.kit.directory import GATEWAY
from services.kit.disclosures.service import serve_disclosure_decisions
from services.kit.exchange.documents import document_types
from services.kit.exchange.fact_service import serve_facts
from services.kit.exchange.hold_service import serve_holds
from services.kit.exchange.inbox_service import serve_inbox
from services.kit.exchange.intake import Intake, IntakeSettings
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.outbox_service import serve_outbox
from services.kit.exchange.participant import Participant
from services.kit.exchange.preview_service import ask_over, serve_previews
from services.kit.exchange.reading_service import serve_readings
from services.kit.exchange.records import Records
from services.kit.exchange.relay import Relay, RelaySettings
from services.kit.exchange.thread_service import serve_threads
from services.kit.exchange.waiting import Waiting
from services.kit.minutes.service import serve_minutes_requests
from services.kit.recalls.service import serve_recalls
from services.kit.rpc.client import open_channel
from services.kit.settings import Limits
from services.kit.subject_access.service import serve_subject_access
from services.kit.witness import asking
from services.kit.witness.proving import Prover
from services.kit.witness.service import serve_witness
from services.kit.witness.settings import WitnessSettings
from services.kit.witness.witness import Witness


def assemble(foundation: Foundation) -> Parts:
    """Makes the parts on a process's foundation.

    Raises:
        ValueError: the contract has two documents of one name.
        CredentialError: the own certificate cannot be shown to the identity provider.
    """
    document_types()  # now, and not when the first delivery arrives
    limits = foundation.settings.limits
    participant, records = _participant(foundation), Records.of(foundation.store)
    outbox = Outbox(participant, records)
    relaying = RelaySettings(batch_packets=limits.relay_batch, interval_s=limits.relay_interval_s)
    taking = IntakeSettings(batch=limits.intake_batch, prefetch=limits.intake_prefetch)
    intake = Intake(participant, records, foundation.bus, taking)
    waiting = Waiting(participant, records, intake, longest=timedelta(seconds=limits.key_wait_s))
    foundation.trust.watch(waiting.wake)
    # gRPC connects when first asked, and again after a loss; the channel lives as long as the process.
    gateway = open_channel(
        foundation.settings.gateway.address, foundation.credentials.tls, tokens=_own_tokens(foundation)
    )
    ask = asking.ask_over(gateway)
    witness = Witness(participant, records, ask, _witness_settings(limits))
    return Parts(
        submitter=outbox,
        services=(
            serve_inbox(participant, records),
            serve_outbox(participant, records),
            serve_holds(outbox, records),
            serve_facts(participant, outbox, records),
            serve_threads(participant, records),
            serve_clocks(participant, outbox, records),
            serve_recalls(participant, outbox, records),
            serve_readings(records),
            serve_subject_access(participant, records, outbox),
            serve_minutes_requests(participant, records, outbox),
            serve_disclosure_decisions(participant, records, outbox),
            serve_previews(participant, ask_over(gateway)),
            serve_witness(participant, records, witness, Prover(participant, records, witness, ask)),
        ),
        tasks=(
            Relay(participant, records, foundation.bus, relaying).run,
            intake.run,
            waiting.run,
            ConfirmationWatch(participant, records).run,
            witness.run,
        ),
        checks={"log-is-sound": witness.is_sound},
    )


def _own_tokens(foundation: Foundation) -> CallTokens:
    """The service speaks to the gateway for itself: whoever sends or asks is sealed inside."""
    settings = foundation.settings
    client, tls = settings.identity.client, settings.tls
    trust = open_trust(client, tls.certificate_file, tls.key_file)
    return CallTokens(ClientCredentials(client, trust, audience_of(GATEWAY), foundation.clock))


def _witness_settings(limits: Limits) -> WitnessSettings:
    silence = timedelta(seconds=limits.log_silence_s)
    return WitnessSettings(limits.witness_interval_s, stalled_after=silence, patience=silence)


def _participant(foundation: Foundation) -> Participant:
    trust = foundation.trust
    return Participant(
        organisation=foundation.settings.organisation,
        signing_source=lambda: trust.signing,
        decryption=trust.decryption,
        directory=lambda: trust.directory,
        vault=foundation.store.vault,
        clock=foundation.clock,
        new_id=foundation.ids,
        look=trust.look,
    )
