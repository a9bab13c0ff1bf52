"""A gRPC service as a server takes it: what it is called, which methods it has, how it is registered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import grpc.aio
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import ServiceDescriptor

from services.kit.profile import ProfileError


@dataclass(frozen=True, slots=True)
class ServedService:
    """One service and how to put it on a server.

    Attributes:
        descriptor: of the service.
        register: adds its handlers to a server.
    """

    descriptor: ServiceDescriptor
    register: Callable[[grpc.aio.Server], None]

    @property
    def name(self) -> str:
        """Its full name."""
        return self.descriptor.full_name

    @property
    def methods(self) -> tuple[str, ...]:
        """Its methods as gRPC names them, `/package.Service/Method`."""
        return tuple(f"/{self.name}/{method.name}" for method in self.descriptor.methods)


def serve(add: Callable[[Any, Any], None], servicer: object, descriptor: Any) -> ServedService:
    """A service whose servicer is written by hand.

    Args:
        add: the generated `add_<Service>Servicer_to_server`.
        servicer: the servicer.
        descriptor: `<module>_pb2.DESCRIPTOR.services_by_name[...]`.
    """
    return ServedService(descriptor, lambda server: add(servicer, server))


def find_service(name: str) -> ServiceDescriptor:
    """The descriptor of a service by full name; ProfileError if its stub was not imported."""
    try:
        return descriptor_pool.Default().FindServiceByName(name)
    except KeyError:
        raise ProfileError(
            f"there is no service {name}: import its stub where the profile is declared"
        ) from None


def list_methods(services: Iterable[ServedService]) -> tuple[str, ...]:
    """The methods of several services."""
    return tuple(method for service in services for method in service.methods)
