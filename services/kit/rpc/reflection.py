"""Reflection that shows what a server offers and the types that it speaks of, and nothing else.

The process may have loaded other stubs; a caller must not find verbs here that it cannot call.
"""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc
from publicprotection.documents import v1 as documents

from services.kit.rpc.service import ServedService, serve


def serve_reflection(services: Iterable[ServedService]) -> ServedService:
    """The service, which lists `services` and itself.

    It knows the files of those services, what they import, and every document: a delivery holds one as
    `google.protobuf.Any`, and its reader must be able to look the type up.
    """
    offered = list(services)
    own: Any = reflection_pb2.DESCRIPTOR
    files = [*(service.descriptor.file for service in offered), own, *load_documents()]
    names = [*(service.name for service in offered), reflection.SERVICE_NAME]
    return serve(
        reflection_pb2_grpc.add_ServerReflectionServicer_to_server,
        reflection.aio.ReflectionServicer(names, pool=collect_files(files)),
        own.services_by_name["ServerReflection"],
    )


def load_documents() -> list[FileDescriptor]:
    """Imports the stubs of every document type, so that a delivery of any can be read; their files."""
    modules = [
        importlib.import_module(f"{documents.__name__}.{found.name}")
        for found in pkgutil.iter_modules(documents.__path__)
        if found.name.endswith("_pb2")
    ]
    return [module.DESCRIPTOR for module in modules]


def collect_files(files: Iterable[FileDescriptor]) -> descriptor_pool.DescriptorPool:
    """A pool of these files and all that they import."""
    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()
    for file in files:
        _add(pool, file, added)
    return pool


def _add(pool: descriptor_pool.DescriptorPool, file: FileDescriptor, added: set[str]) -> None:
    if file.name in added:
        return
    added.add(file.name)
    for dependency in file.dependencies:
        _add(pool, dependency, added)
    proto = FileDescriptorProto()
    file.CopyToProto(proto)
    pool.Add(proto)
