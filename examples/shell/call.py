#!/usr/bin/env python3
"""Calls one method of a gRPC service by reflection: JSON in, JSON out, refusals as exit status.

Without a method it lists what the service offers. A stream prints one line of JSON for each message.
Needs `grpcio`, `grpcio-reflection`, `grpcio-status` and `protobuf`, and no generated code.

Exit status: 0 done; 1 the call was refused: correct it; 2 wrong arguments; 3 not now: try again, with the
same request id; 4 there is nothing by that id. A refusal is one line of JSON on standard error.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from grpc_status import rpc_status

REFUSED, ARGUMENTS, LATER, NOTHING = 1, 2, 3, 4
STATUS = {
    grpc.StatusCode.NOT_FOUND: NOTHING,
    grpc.StatusCode.UNAVAILABLE: LATER,
    grpc.StatusCode.DEADLINE_EXCEEDED: LATER,
    grpc.StatusCode.RESOURCE_EXHAUSTED: LATER,
}


class NoSuchMethodError(Exception):
    """The service offers no such method."""


def connect(address: str, folder: Path) -> grpc.Channel:
    """Open a channel over mutual TLS with the files of a folder; `tokens.json` is read for each call."""
    names = ("authority.crt", "client.key", "client.crt")
    credentials = grpc.ssl_channel_credentials(*((folder / name).read_bytes() for name in names))
    tokens = grpc.metadata_call_credentials(Tokens(folder))
    credentials = grpc.composite_channel_credentials(credentials, tokens)
    return grpc.secure_channel(address, credentials, [("grpc.max_receive_message_length", 16 << 20)])


class Tokens(grpc.AuthMetadataPlugin):
    """Puts the system's token and the person's on each call, as ../python/tokens.py writes them."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tokens.json"

    def __call__(self, _context: Any, callback: Any) -> None:
        """Read them anew for each call."""
        tokens = json.loads(self._file.read_text(encoding="utf-8"))
        callback((("authorization", f"Bearer {tokens['system']}"), ("ppg-person", tokens["person"])), None)


def list_methods(database: Any, pool: DescriptorPool) -> Iterator[dict[str, str]]:
    """Yield every method that the service offers, with the types that it takes and gives."""
    for name in database.get_services():
        for method in pool.FindServiceByName(name).methods:
            types = {"takes": method.input_type.full_name, "gives": method.output_type.full_name}
            yield {"method": f"{name}/{method.name}"} | types


def find_method(database: Any, pool: DescriptorPool, wanted: str) -> Any:
    """Find a method by `Service/Method`; the service may be named without its package."""
    service, _, name = wanted.partition("/")
    for full in database.get_services():
        if full == service or full.endswith(f".{service}"):
            found = pool.FindServiceByName(full).methods_by_name.get(name)
            if found is not None:
                return found
    raise NoSuchMethodError(f"no method {wanted}: call without a method to list what there is")


def call(
    channel: grpc.Channel, pool: DescriptorPool, method: Any, text: str, seconds: float
) -> Iterator[Any]:
    """Call a method with a request in JSON; yield the answers."""
    request = json_format.Parse(text or "{}", GetMessageClass(method.input_type)(), descriptor_pool=pool)
    kind = channel.unary_stream if method.server_streaming else channel.unary_unary
    invoke = kind(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    answer: Any = invoke(request, timeout=seconds)
    yield from answer if method.server_streaming else [answer]


def write(message: Any, pool: DescriptorPool) -> Any:
    """Write a message as protobuf JSON, with the field names of the proto; an Any with its document in it."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True, descriptor_pool=pool)


def explain(error: Any) -> dict[str, Any]:
    """Put a refusal into JSON: code, stable reason, what to do, fields at fault."""
    info, bad, status = ErrorInfo(), BadRequest(), rpc_status.from_call(error)
    for detail in status.details if status else ():
        _ = detail.Unpack(info) or detail.Unpack(bad)
    fields = {violation.field: violation.description for violation in bad.field_violations}
    return {"code": error.code().name, "reason": info.reason, "advice": error.details(), "fields": fields}


def pick(value: Any, path: str) -> str:
    """Pick one value out of an answer by its path, such as `deliveries.0`; empty if it is not there."""
    for name in path.split("."):
        value = dict(enumerate(value)).get(int(name)) if isinstance(value, list) else (value or {}).get(name)
    return value if isinstance(value, str) else json.dumps(value) if value is not None else ""


def read_arguments() -> argparse.Namespace:
    """Take where the service is from the environment unless it is given."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("method", nargs="?", help="such as ProbationService/SendChildSafeguardingEnquiry")
    made.add_argument("request", nargs="?", help="JSON; - reads it from standard input", default="{}")
    made.add_argument("--address", default=os.environ.get("AGENCY_ADDRESS"), help="host:port")
    made.add_argument("--certificates", default=os.environ.get("AGENCY_CERTIFICATES"), help="folder")
    made.add_argument("--get", metavar="PATH", help="print one value, such as acceptance.exchange_id")
    made.add_argument("--deadline", type=float, default=15, help="seconds; a stream ends then, in order")
    made.add_argument("--count", type=int, default=0, help="of a stream: end after so many")
    given = made.parse_args()
    if not given.address or not given.certificates:
        made.error("give --address and --certificates, or set AGENCY_ADDRESS and AGENCY_CERTIFICATES")
    return given


def main() -> int:
    """Call, print, and turn a refusal into an exit status."""
    given = read_arguments()
    text = sys.stdin.read() if given.request == "-" else given.request
    method = None
    with connect(given.address, Path(given.certificates)) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        pool = DescriptorPool(database)
        try:
            if not given.method:
                for line in list_methods(database, pool):
                    print(json.dumps(line))
                return 0
            method = find_method(database, pool, given.method)
            for number, answer in enumerate(call(channel, pool, method, text, given.deadline), start=1):
                found = write(answer, pool)
                print(pick(found, given.get) if given.get else json.dumps(found), flush=True)
                if number == given.count:
                    break
        except (NoSuchMethodError, json_format.ParseError) as error:
            print(json.dumps({"code": "WRONG_ARGUMENTS", "advice": str(error)}), file=sys.stderr)
            return ARGUMENTS
        except grpc.RpcError as error:
            ended = error.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            if ended and method is not None and method.server_streaming:
                return 0
            print(json.dumps(explain(error)), file=sys.stderr)
            return STATUS.get(error.code(), REFUSED)
    return 0


if __name__ == "__main__":
    sys.exit(main())
