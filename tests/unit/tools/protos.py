"""Writes protos to a folder, beside the project's own options, and compiles them with the real tools."""

import shutil
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tools.paths import PROTO, PROTO_PACKAGE
from tools.protoc import build_image, read_image

HEAD = """syntax = "proto3";

package {package};

import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/timestamp.proto";
import "publicprotection/common/v1/date.proto";
import "publicprotection/privacy/v1/privacy.proto";

"""
HEAD_LINES = HEAD.count("\n")
OPTIONS = ("common/v1/date.proto", "privacy/v1/privacy.proto")


def write_proto(root: Path, package: str, body: str) -> str:
    """Writes `body` as a proto of `package`; returns its name as protoc knows it."""
    for option in OPTIONS:
        _copy(PROTO / PROTO_PACKAGE / option, root / PROTO_PACKAGE / option)
    name = f"{package.replace('.', '/')}/trial.proto"
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(HEAD.format(package=package) + body)
    return name


def compile_proto(root: Path, body: str) -> FileDescriptorSet:
    """The image of one proto of the package `publicprotection.trial.v1`."""
    write_proto(root, f"{PROTO_PACKAGE}.trial.v1", body)
    build_image(root, root / "image.binpb")
    return read_image(root / "image.binpb")


def _copy(source: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, destination)
