"""Somebody has stolen a key; it is revoked, and the scheme has said so in the directory."""

from dataclasses import replace
from datetime import timedelta
from json import dumps, loads

from publicprotection.transport.v1.packet_pb2 import Packet

from services.kit.directory import GATEWAY
from services.kit.evidence.checkpoint import cosign
from services.kit.evidence.note import read_note
from services.kit.evidence.statement import sign_statement, verify_statement
from services.kit.exchange.headers import complete_header
from services.kit.exchange.participant import Participant
from services.kit.exchange.sealing import seal_exchange
from tests.attack.catalogue import Finder, attack
from tests.attack.operator import Operator
from tests.attack.scheme import RECIPIENT, SENDER, WITNESSES
from tests.attack.stage import STEP, Stage, draft
from tests.attack.test_witnesses import change_notes, strip

# Those checkpoints wait for a directory that knows the key; the log is silent meanwhile.
STALE = {name: {"LOG_STALLED", "LOG_UNRECONCILED"} for name in WITNESSES}
DAY = timedelta(days=1, minutes=5)


@attack("seals an exchange with an organisation's revoked key", Finder.GATEWAY, soon="when it arrives")
async def test_seals_with_a_revoked_key(stage: Stage, attacked: bool) -> None:
    stolen = stage.scheme.revoke(SENDER)
    key = stolen if attacked else stage.scheme.signing[SENDER]
    thief: Participant = replace(stage.scheme.participant(SENDER), signing_source=lambda: key)
    header, document = draft(stage.station, STEP)
    made = seal_exchange(complete_header(header, thief), document, thief)
    sealed = stage.station.gateway.wrap(SENDER, made.exchange_id, made.original.seal, {})
    await stage.station.gateway.take(sealed.arrival)
    await stage.deliver()
    assert len(await stage.agencies[RECIPIENT].deliveries()) - 1 == (0 if attacked else 1)
    told = await stage.agencies[SENDER].outcomes(made.exchange_id)
    assert told.reasons == ({"SEAL_INVALID"} if attacked else set())


@attack("states a release with the gateway's revoked key", Finder.RECIPIENT, soon="when it arrives")
async def test_states_with_a_revoked_key(stage: Stage, operator: Operator, attacked: bool) -> None:
    stolen = stage.scheme.revoke(GATEWAY)
    await stage.agencies[SENDER].send()
    await stage.station.take()

    def restate(packet: Packet) -> None:
        keys = stage.scheme.directory.keys.verifying_at(stage.scheme.clock.now())
        said = verify_statement(packet.delivery.statement, keys=keys, gateway=GATEWAY)
        packet.delivery.statement = sign_statement(said, key=stolen)

    if attacked:
        operator.alter_waiting(RECIPIENT, restate)
    await stage.deliver()
    assert len(await stage.agencies[RECIPIENT].deliveries()) - 1 == (0 if attacked else 1)
    assert (await stage.alarms()).get(RECIPIENT, set()) == ({"KEY_REVOKED"} if attacked else set())


@attack(
    "shows witnesses a checkpoint signed with the gateway's revoked key",
    Finder.WITNESS,
    soon="at once: it is not cosigned; after ten minutes the log is silent to them",
)
async def test_shows_a_checkpoint_of_a_revoked_key(stage: Stage, attacked: bool) -> None:
    stolen = stage.scheme.revoke(GATEWAY)
    await stage.exchange()
    if attacked:
        stage.scheme.signing[GATEWAY] = stolen
    before = (await stage.agencies[RECIPIENT].witness.standing()).newest
    await stage.beat()
    after = (await stage.agencies[RECIPIENT].witness.standing()).newest
    assert before is not None
    assert after is not None
    assert (after.checkpoint.size == before.checkpoint.size) is attacked
    await stage.beat(later=timedelta(minutes=11))
    assert await stage.alarms() == (STALE if attacked else {})


@attack(
    "signs an export's checkpoint with the gateway's revoked key, dated back",
    Finder.EXPORT,
    soon="at once, unless a majority cosigned before the revocation",
)
async def test_dates_a_checkpoint_back(stage: Stage, attacked: bool) -> None:
    octets = await stage.export()
    stage.scheme.clock.moment += timedelta(minutes=1)
    stage.scheme.revoke(GATEWAY)
    stage.scheme.clock.moment += timedelta(minutes=1)
    lines = octets.splitlines(keepends=True)
    header = loads(lines[0]) | {"directory": stage.scheme.directory.token}
    if attacked:
        header = change_notes(header, strip)
    lines[0] = dumps(header).encode() + b"\n"
    assert stage.find_in_export(b"".join(lines)) == ("log_key_revoked" if attacked else "")


@attack(
    "cosigns another log with the revoked keys of its witnesses",
    Finder.EXPORT,
    soon="once cosignatures are due",
)
async def test_cosigns_with_revoked_keys(stage: Stage, attacked: bool) -> None:
    stolen = [stage.scheme.revoke(name) for name in WITNESSES]
    keys = stolen if attacked else [stage.scheme.signing[name] for name in WITNESSES]
    now = stage.scheme.clock.now()

    def recosign(note: str) -> str:
        bare = read_note(strip(note))
        return str(bare.with_lines(cosign(bare, key, now) for key in keys))

    lines = (await stage.export()).splitlines(keepends=True)
    lines[0] = dumps(change_notes(loads(lines[0]), recosign)).encode() + b"\n"
    await stage.beat(later=DAY)
    assert stage.find_in_export(b"".join(lines)) == ("no_majority" if attacked else "")
