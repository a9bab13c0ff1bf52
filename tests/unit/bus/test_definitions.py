import base64
import hashlib
import json
import re

import pytest

from deploy.broker.definitions import Account, Bounds, DefinitionsError, define, hash_password

GATEWAY = Account("gateway", "hash-g")
POLICE, PRISON = Account("kent-police", "hash-p"), Account("kent-prison", "hash-q")


def test_the_hash_is_rabbitmqs() -> None:
    """The worked example of https://www.rabbitmq.com/docs/passwords: salt 908DC60A, password test12."""
    salt = bytes.fromhex("908DC60A")
    assert hash_password("test12", salt) == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_accounts_of_one_password_have_different_hashes() -> None:
    hashes = [base64.b64decode(Account.create("a", "same").password_hash) for _ in range(2)]
    assert hashes[0] != hashes[1]
    for digest in hashes:
        assert digest[4:] == hashlib.sha256(digest[:4] + b"same").digest()


def test_definitions_are_a_pure_function_and_json() -> None:
    made = define([POLICE, PRISON], GATEWAY)
    assert made == define([POLICE, PRISON], GATEWAY)
    assert json.loads(json.dumps(made)) == made


def test_every_organisation_has_two_queues_each_with_its_dead_letters() -> None:
    made = define([POLICE, PRISON], GATEWAY, Bounds(messages=7, octets=8, deliveries=9))
    queues = {queue["name"]: queue["arguments"] for queue in made["queues"]}
    assert set(queues) == {
        f"{way}.{name}{end}"
        for way in ("from", "to")
        for name in ("kent-police", "kent-prison")
        for end in ("", ".dead")
    }
    assert queues["from.kent-police"] == {
        "x-queue-type": "quorum",
        "x-overflow": "reject-publish",
        "x-max-length": 7,
        "x-max-length-bytes": 8,
        "x-dead-letter-exchange": "dead",
        "x-dead-letter-routing-key": "from.kent-police.dead",
        "x-dead-letter-strategy": "at-least-once",
        "x-delivery-limit": 9,
    }
    assert "x-dead-letter-exchange" not in queues["from.kent-police.dead"]
    assert queues["from.kent-police.dead"]["x-overflow"] == "reject-publish"


def test_every_queue_is_bound_once_under_its_own_name() -> None:
    made = define([POLICE, PRISON], GATEWAY)
    bound = [binding["destination"] for binding in made["bindings"]]
    assert sorted(bound) == sorted(queue["name"] for queue in made["queues"])
    assert all(binding["routing_key"] == binding["destination"] for binding in made["bindings"])


def test_nobody_configures_and_patterns_match_whole_names() -> None:
    made = define([POLICE, PRISON], GATEWAY)
    for permission in made["permissions"]:
        assert not re.search(permission["configure"], "anything")
        for pattern in (permission["write"], permission["read"]):
            assert pattern.startswith("^")
            assert pattern.endswith("$")
    police = next(row for row in made["permissions"] if row["user"] == "kent-police")
    assert re.search(police["read"], "to.kent-police")
    assert not re.search(police["read"], "toxkent-police")
    assert re.search(police["read"], "to.kent-police.dead")
    assert not re.search(police["read"], "to.kent-police-b")
    assert not re.search(police["read"], "to.kent-prison.dead")


def test_whoever_may_write_an_exchange_has_a_topic_rule_for_it() -> None:
    """Without one RabbitMQ allows every routing key."""
    made = define([POLICE, PRISON], GATEWAY)
    ruled = {(row["user"], row["exchange"]) for row in made["topic_permissions"]}
    for permission in made["permissions"]:
        for exchange in ("submissions", "deliveries", "dead"):
            if re.search(permission["write"], exchange):
                assert (permission["user"], exchange) in ruled


@pytest.mark.parametrize(
    "name",
    [
        "",
        "gateway",
        "Kent-Police",
        "kent.police",
        "kent*",
        "#",
        "kent-",
        "-kent",
        "kent--police",
        "1kent",
        "a\n",
    ],
)
def test_an_id_that_could_mean_something_else_is_refused(name: str) -> None:
    with pytest.raises(DefinitionsError):
        define([Account(name, "hash")], GATEWAY)


def test_a_repeated_id_and_a_gateway_by_another_name_are_refused() -> None:
    with pytest.raises(DefinitionsError):
        define([POLICE, POLICE], GATEWAY)
    with pytest.raises(DefinitionsError):
        define([POLICE], PRISON)
