"""The vectors' message type, compiled into a pool of its own."""

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from grpc_tools import protoc

FOLDER = Path(__file__).parents[1] / "vectors" / "leaf"


def _compile() -> type[Message]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "specimen.binpb"
        well_known = Path(protoc.__file__).parent / "_proto"
        arguments = [f"-I{FOLDER}", f"-I{well_known}", "--include_imports", f"--descriptor_set_out={out}"]
        if protoc.main(["protoc", *arguments, "specimen.proto"]) != 0:
            raise RuntimeError("specimen.proto does not compile")
        files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("specimen.v1.Specimen"))


Specimen: Any = _compile()


class Dice:
    """Entropy that repeats itself from run to run: SHA-256 in counter mode over a seed."""

    def __init__(self, seed: int = 0) -> None:
        self._state = seed.to_bytes(8)
        self._buffer = b""

    def __call__(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._state = hashlib.sha256(self._state).digest()
            self._buffer += hashlib.sha256(b"out" + self._state).digest()
        out, self._buffer = self._buffer[:count], self._buffer[count:]
        return out
