"""Reads an organisation's inbox while the demo runs: an example of a client, and a convenience.

`python -m deploy.demo.inbox kent-police [--folder build/demo]`
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tomllib
from pathlib import Path

import grpc
from publicprotection.exchange.v1.inbox_service_pb2 import GetDeliveryRequest, ListDeliveriesRequest
from publicprotection.exchange.v1.inbox_service_pb2_grpc import InboxServiceStub

from deploy.demo.terminal import Style, Terminal
from deploy.local.identity import NAME, IdentityPlace, Wallet
from deploy.local.people import PeopleError, read_log_ins
from deploy.local.places import Place
from deploy.story.clients import DEADLINE_S
from deploy.story.played import Arrival
from services.kit.credentials import CredentialError
from services.kit.document_words import describe
from services.kit.rpc.client import open_channel, read_refusal
from services.kit.words import time_words

_REASON = "To show what arrived, victims included."


async def print_inbox(folder: Path, terminal: Terminal) -> None:
    """Print each delivery with its document.

    Args:
        folder: The organisation's folder in the demo's.
        terminal: Where to.
    """
    place = _place(folder)
    tokens = Wallet(_provider(folder.parent)).tokens(place, place)
    async with open_channel(place.address, place.client, tokens=tokens) as channel:
        inbox = InboxServiceStub(channel)
        listed = await inbox.ListDeliveries(ListDeliveriesRequest(), timeout=DEADLINE_S)
        for summary in listed.deliveries:
            request = GetDeliveryRequest(delivery_id=summary.delivery_id, victim_reason=_REASON)
            arrival = Arrival.of((await inbox.GetDelivery(request, timeout=DEADLINE_S)).delivery)
            _print_arrival(terminal, arrival)


def main() -> int:
    """Run the command; 1 if the demo does not answer."""
    parser = argparse.ArgumentParser(description="Read an organisation's inbox while the demo runs.")
    parser.add_argument("organisation", help="such as kent-police")
    parser.add_argument("--folder", type=Path, default=Path("build/demo"), help="the demo's folder")
    arguments = parser.parse_args()
    try:
        asyncio.run(print_inbox(arguments.folder / arguments.organisation, Terminal()))
    except (OSError, CredentialError, PeopleError) as error:
        print(f"{error}. Is the demo running (make demo)?", file=sys.stderr)
        return 1
    except grpc.aio.AioRpcError as error:
        print(f"{read_refusal(error).advice}. Is the demo running (make demo)?", file=sys.stderr)
        return 1
    return 0


def _place(folder: Path) -> Place:
    return Place(folder.name, "", folder.absolute(), _port(folder), folder.parent / "logs")


def _provider(folder: Path) -> IdentityPlace:
    own = folder / NAME
    return IdentityPlace(own, _port(own), folder / "logs", read_log_ins(own))


def _port(folder: Path) -> int:
    settings = tomllib.loads((folder / "settings.toml").read_text(encoding="utf-8"))
    return int(settings["listen"]["port"])


def _print_arrival(terminal: Terminal, arrival: Arrival) -> None:
    summary = arrival.delivery.summary
    terminal.blank()
    terminal.ends(
        f"{summary.document_type} from {summary.sender}",
        f"{time_words(summary.received_at)} UTC",
        left_style=Style.BOLD,
        right_style=Style.FAINT,
    )
    for label, text in describe(arrival.document):
        terminal.entry(label, text, indent=4, column=24)


if __name__ == "__main__":
    sys.exit(main())
