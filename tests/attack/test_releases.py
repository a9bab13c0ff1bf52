"""The operator changes what a release says, or sends it to somebody else, before it is published."""

from collections.abc import Callable

from publicprotection.transport.v1.packet_pb2 import Packet

from services.kit.directory import GATEWAY
from services.kit.evidence.derive import MASK
from services.kit.evidence.statement import Derived, Statement, sign_statement, verify_statement
from services.kit.exchange.notices import sign_outcome, verify_outcome
from tests.attack.catalogue import Finder, attack
from tests.attack.disclosures import add_disclosure, change_disclosure, keep_only, widen
from tests.attack.operator import Operator
from tests.attack.scheme import OTHER, RECIPIENT, SENDER
from tests.attack.stage import Stage

Change = Callable[[Packet], object]


async def waiting(stage: Stage) -> str:
    """An exchange that is decided, and of which nothing has left yet; its id."""
    exchange_id = await stage.agencies[SENDER].send()
    await stage.station.take()
    return exchange_id


async def received(stage: Stage) -> int:
    return len(await stage.agencies[RECIPIENT].deliveries()) - 1  # one came before


async def send_altered(stage: Stage, operator: Operator, change: Change | None) -> tuple[int, set[str]]:
    """Alters what waits for the recipient; how much of it people there can read, and its alarms."""
    await waiting(stage)
    if change is not None:
        operator.alter_waiting(RECIPIENT, change)
    await stage.deliver()
    return await received(stage), (await stage.alarms()).get(RECIPIENT, set())


def refused(code: str, *, attacked: bool) -> tuple[int, set[str]]:
    return (0, {code}) if attacked else (1, set())


@attack("changes a leaf of a release", Finder.RECIPIENT, soon="when it arrives")
async def test_changes_a_leaf(stage: Stage, operator: Operator, attacked: bool) -> None:
    found = await send_altered(stage, operator, change_disclosure if attacked else None)
    assert found == refused("DISCLOSURE_NOT_SIGNED", attacked=attacked)


@attack("adds a leaf that nobody sealed to a release", Finder.RECIPIENT, soon="when it arrives")
async def test_adds_a_leaf(stage: Stage, operator: Operator, attacked: bool) -> None:
    found = await send_altered(stage, operator, add_disclosure if attacked else None)
    assert found == refused("DISCLOSURE_NOT_SIGNED", attacked=attacked)


@attack("adds a leaf that was sealed and is withheld to a release", Finder.RECIPIENT, soon="when it arrives")
async def test_adds_a_withheld_leaf(stage: Stage, operator: Operator, attacked: bool) -> None:
    put_all = await widen(stage, await waiting(stage))
    if attacked:
        operator.alter_waiting(RECIPIENT, put_all)
    await stage.deliver()
    found = await received(stage), (await stage.alarms()).get(RECIPIENT, set())
    assert found == refused("OTHER_DISCLOSURES", attacked=attacked)


@attack("replays another recipient's release", Finder.RECIPIENT, soon="when it arrives")
async def test_replays_anothers_release(stage: Stage, operator: Operator, attacked: bool) -> None:
    await waiting(stage)
    [theirs] = [each for each in operator.waiting(OTHER) if each.HasField("delivery")]
    if attacked:
        operator.alter_waiting(RECIPIENT, lambda packet: packet.CopyFrom(theirs))
    await stage.deliver()
    found = await received(stage), (await stage.alarms()).get(RECIPIENT, set())
    assert found == refused("OTHER_RECIPIENT", attacked=attacked)


@attack("swaps the statements of two releases", Finder.RECIPIENT, soon="when they arrive")
async def test_swaps_statements(stage: Stage, operator: Operator, attacked: bool) -> None:
    for _ in range(2):
        await waiting(stage)
    one, two = (each.delivery for each in operator.waiting(RECIPIENT) if each.HasField("delivery"))
    swapped = {one.delivery_id: two, two.delivery_id: one}

    def swap(packet: Packet) -> None:
        statement = swapped[packet.delivery.delivery_id].statement
        packet.delivery.statement = statement

    if attacked:
        operator.alter_waiting(RECIPIENT, swap)
    await stage.deliver()
    assert await received(stage) == (0 if attacked else 2)
    assert (await stage.alarms()).get(RECIPIENT, set()) == ({"OTHER_DELIVERY"} if attacked else set())


@attack(
    "invents a sentence in a masked text, and tells recipient and sender so",
    Finder.SENDER,
    soon="with the outcome",
)
async def test_invents_a_sentence(stage: Stage, operator: Operator, attacked: bool) -> None:
    await waiting(stage)
    change = operator_says(operator, invent if attacked else keep)
    operator.alter_waiting(RECIPIENT, change)
    operator.alter_waiting(SENDER, change, "outcome")
    await stage.deliver()
    assert await stage.alarms() == ({SENDER: {"VALUE_ALTERED"}} if attacked else {})


@attack(
    "invents a sentence in a masked text, and tells the recipient alone",
    Finder.COMPARING,
    soon="when they compare; the sender has no receipt for it until then",
)
async def test_tells_the_recipient_alone(stage: Stage, operator: Operator, attacked: bool) -> None:
    exchange_id = await waiting(stage)
    operator.alter_waiting(RECIPIENT, operator_says(operator, invent if attacked else keep))
    await stage.deliver()
    assert await received(stage) == 1
    told = await stage.agencies[SENDER].outcomes(exchange_id)
    stated = {each.delivery_id: each for token in told.statements for each in [read(operator, token)]}
    newest = (await stage.agencies[RECIPIENT].deliveries())[-1]
    proved = stage.verify_evidence((await stage.agencies[RECIPIENT].prove(newest.delivery_id)).encode())
    assert (proved.release.statement == stated[newest.delivery_id]) is not attacked
    assert (newest.delivery_id in told.receipted) is not attacked


def operator_says(operator: Operator, change: Callable[[Statement], Statement]) -> Change:
    """Has the operator sign other statements, in releases and in outcomes."""

    def restate(token: str) -> str:
        said = read(operator, token)
        if said.recipient.organisation != RECIPIENT:
            return token
        return sign_statement(change(said), key=operator.key)

    def alter(packet: Packet) -> None:
        if packet.HasField("delivery"):
            packet.delivery.statement = restate(packet.delivery.statement)
            opened = read(operator, packet.delivery.statement)
            packet.delivery.seal = keep_only(packet.delivery.seal, opened.disclosed)
            return
        scheme = operator.station.scheme
        keys = scheme.directory.keys.verifying_at(scheme.clock.now())
        outcome = verify_outcome(packet.outcome.outcome, keys=keys, gateway=GATEWAY)
        outcome.statements[:] = [restate(token) for token in outcome.statements]
        packet.outcome.outcome = sign_outcome(outcome, operator.key)

    return alter


def read(operator: Operator, token: str) -> Statement:
    scheme = operator.station.scheme
    keys = scheme.directory.keys.verifying_at(scheme.clock.now())
    return verify_statement(token, keys=keys, gateway=GATEWAY)


def keep(said: Statement) -> Statement:
    """Signs the same again."""
    return said


def invent(said: Statement) -> Statement:
    """Adds a sentence of the operator's to a text, and says that it is the text, masked."""
    path = next(each for each in said.disclosed if each.endswith((".lines[0]", ".family", ".given")))
    forged = Derived(path=path, function=MASK, value="He has been seen near the school.")
    kept = tuple(each for each in said.disclosed if each != path)
    return said.model_copy(update={"disclosed": kept, "derived": (*said.derived, forged)})
