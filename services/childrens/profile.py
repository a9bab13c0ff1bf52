"""A local authority's children's services: who may run this role, and what it may send."""

from typing import Final

from publicprotection.childrens.v1 import childrens_service_pb2
from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_CHILDRENS_SERVICES

from services.kit.profile import Profile

PROFILE: Final = Profile(
    role="childrens",
    kinds=frozenset({ORGANISATION_KIND_CHILDRENS_SERVICES}),
    service=childrens_service_pb2.DESCRIPTOR.services_by_name["ChildrensService"].full_name,
)
