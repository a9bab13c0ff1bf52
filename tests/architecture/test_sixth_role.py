"""A further role costs a proto and a declaration, and no change to the kit (docs/design.md, section 7)."""

import shutil
from pathlib import Path
from typing import Any

import grpc.aio
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_OTHER

from deploy.certificates import CertificateAuthority
from services.kit.profile import Profile, ProfileError
from services.kit.rpc.client import read_refusal
from services.kit.rpc.service import find_service
from services.kit.rpc.verbs import require_verb
from tests.support.agency_server import run_service, write_header
from tools.paths import PROTO, PROTO_PACKAGE
from tools.protoc import build_image, read_image

PACKAGE = "publicprotection.lighthouse.v1"
NAME = "publicprotection/lighthouse/v1/lighthouse_service.proto"
PROTO_TEXT = """
syntax = "proto3";
package publicprotection.lighthouse.v1;
import "buf/validate/validate.proto";
import "publicprotection/exchange/v1/header.proto";
import "publicprotection/exchange/v1/outcome.proto";

service LighthouseService { rpc SendSighting(SendSightingRequest) returns (SendSightingResponse); }

service OddService {
  rpc AskSighting(SendSightingRequest) returns (SendSightingResponse);
  rpc SendOther(SendSightingRequest) returns (SendSightingResponse);
  rpc SendMore(SendMoreRequest) returns (SendMoreResponse);
  rpc SendMany(stream SendManyRequest) returns (SendManyResponse);
  rpc SendText(SendTextRequest) returns (SendTextResponse);
  rpc SendMute(SendMuteRequest) returns (SendMuteResponse);
}

message Sighting { optional string place = 1 [(buf.validate.field).required = true]; }
message SendSightingRequest {
  exchange.v1.Header header = 1 [(buf.validate.field).required = true];
  Sighting document = 2 [(buf.validate.field).required = true];
}
message SendSightingResponse { exchange.v1.Acceptance acceptance = 1; }
message SendMoreRequest { exchange.v1.Header header = 1; Sighting document = 2; string more = 3; }
message SendMoreResponse { exchange.v1.Acceptance acceptance = 1; }
message SendManyRequest { exchange.v1.Header header = 1; Sighting document = 2; }
message SendManyResponse { exchange.v1.Acceptance acceptance = 1; }
message SendTextRequest { exchange.v1.Header header = 1; string document = 2; }
message SendTextResponse { exchange.v1.Acceptance acceptance = 1; }
message SendMuteRequest { exchange.v1.Header header = 1; Sighting document = 2; }
message SendMuteResponse {}
"""


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    """The declaration of a role that nobody foresaw, its proto compiled a moment ago."""
    root: Path = tmp_path_factory.mktemp("proto")
    shutil.copytree(PROTO / PROTO_PACKAGE, root / PROTO_PACKAGE)
    (root / NAME).parent.mkdir(parents=True)
    (root / NAME).write_text(PROTO_TEXT)
    build_image(root, root / "image.binpb")
    compiled = next(file for file in read_image(root / "image.binpb").file if file.name == NAME)
    descriptor_pool.Default().AddSerializedFile(compiled.SerializeToString())
    return Profile("lighthouse", frozenset({ORGANISATION_KIND_OTHER}), f"{PACKAGE}.LighthouseService")


async def test_a_new_role_is_served_without_a_change_to_the_kit(profile: Profile) -> None:
    verb = find_service(profile.service).methods_by_name["SendSighting"]
    request: Any = GetMessageClass(verb.input_type)(header=write_header())
    request.document.place = "the harbour"
    decode = GetMessageClass(verb.output_type).FromString
    path = f"/{profile.service}/SendSighting"
    async with run_service(profile, authority=CertificateAuthority.create()) as served:
        async with served.channel() as channel:
            send = channel.unary_unary(path, type(request).SerializeToString, decode)
            response: Any = await send(request)
            request.document.ClearField("place")
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await send(request)
        [(_, document)] = served.submitter.taken
    assert response.acceptance.exchange_id == "exchange-1"
    assert document.DESCRIPTOR.full_name == f"{PACKAGE}.Sighting"
    assert [violation.field for violation in read_refusal(refused.value).violations] == ["document.place"]


@pytest.mark.parametrize(
    "method", ["AskSighting", "SendOther", "SendMore", "SendMany", "SendText", "SendMute"]
)
@pytest.mark.usefixtures("profile")
def test_a_method_that_is_no_verb_refuses_to_start(method: str) -> None:
    odd = find_service(f"{PACKAGE}.OddService")
    with pytest.raises(ProfileError, match="is no verb"):
        require_verb(odd.methods_by_name[method])


def test_a_service_that_nobody_imported_refuses_to_start() -> None:
    with pytest.raises(ProfileError, match="import its stub"):
        find_service("publicprotection.nowhere.v1.NowhereService")
