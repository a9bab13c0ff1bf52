"""As `hostile`, beside the agencies' services: at the identity provider and at the broker."""

import json
import ssl
import urllib.parse
from collections.abc import Sequence
from typing import Final

import httpx
import pika
from pika.adapters.blocking_connection import BlockingConnection
from pika.exceptions import AMQPError

from deploy.local.world import World
from services.kit.bus.settings import BusSettings, connection_parameters
from tests.support.hostile import Told, plain

PLANTED: Final = ("Bramblewick-Oldcastle", "Thistledown-Overbury")
"""In the properties of a message to the broker, which keeps it as it keeps any: so not of the story."""

_USER: Final = "marlfield-prison"
_CALL_S: Final = 15.0


def ask_provider(world: World, secrets: Sequence[str]) -> list[Told]:
    """Requests to the identity provider with texts of the story in path, query, form, headers and body."""
    text = urllib.parse.quote(secrets[0])
    form = {"client_id": secrets[0], "login_hint": secrets[1], "scope": secrets[2], "username": secrets[3]}
    headers = {
        "User-Agent": plain(secrets)[0],
        "Referer": text,
        "Authorization": f"Bearer {plain(secrets)[1]}",
    }
    body = {"content": json.dumps(secrets[:20]), "headers": {"Content-Type": "application/json"}}
    trust = ssl.create_default_context(cadata=world.authority.certificate_pem.decode())
    with httpx.Client(base_url=world.identity.issuer, verify=trust, timeout=_CALL_S) as client:
        return [
            _told("a path of the provider", client.get(f"/{text}")),
            _told("a question of the provider", client.get("/authorize", params=form)),
            _told("a form of the provider", client.post("/token", data=form)),
            _told("headers of the provider", client.post("/token", headers=headers)),
            _told("a body that is none", client.post("/token", **body)),  # type: ignore[arg-type]
        ]


def _told(act: str, answer: httpx.Response) -> Told:
    return Told(act, f"{answer.status_code} {answer.headers} {answer.text}", answer.is_error)


def disturb_broker(world: World, secrets: Sequence[str]) -> list[Told]:
    """A log-in with a text of the story, and a message to the gateway that is no packet."""
    folder = world.agencies[_USER].folder
    settings = BusSettings(
        host=world.broker.host,
        port=world.broker.port,
        virtual_host=world.broker.virtual_host,
        user=_USER,
        password_file=folder / "broker.password",
        ca_file=folder / "tls/authority.crt",
        certificate_file=folder / "tls/service.crt",
        key_file=folder / "tls/service.key",
    )
    return [_publish_nonsense(settings), _log_in_with(settings, secrets[0])]


def _log_in_with(settings: BusSettings, password: str) -> Told:
    parameters = connection_parameters(settings, "hostile")
    parameters.credentials = pika.PlainCredentials(settings.user, password)
    try:
        BlockingConnection(parameters).close()
    except AMQPError as error:
        return Told("a password that is none", repr(error), is_refused=True)
    return Told("a password that is none", "", is_refused=False)


def _publish_nonsense(settings: BusSettings) -> Told:
    """A message that the gateway can make nothing of: it is set aside, and the log quotes nothing of it."""
    properties = pika.BasicProperties(  # type: ignore[no-untyped-call]
        user_id=settings.user, message_id=PLANTED[0], type=PLANTED[1], delivery_mode=2
    )
    connection = BlockingConnection(connection_parameters(settings, "hostile"))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish("submissions", f"from.{settings.user}", b"nonsense", properties, mandatory=True)
    finally:
        connection.close()
    return Told("a message that is none", "", is_refused=True)
