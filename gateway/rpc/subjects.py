"""SubjectService: how people read and correct the subject register, over gRPC."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import grpc.aio
from publicprotection.oversight.v1 import subject_service_pb2, subject_service_pb2_grpc

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import StoreUnavailableError
from gateway.app.subject_acts import Act, SettledError, UnknownSubjectError
from gateway.app.subject_changes import SubjectDesk
from gateway.app.subject_view import SubjectView
from services.kit.access.actor import current_actor
from services.kit.rpc.errors import ConflictError, NotFoundError, UnavailableError
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]
_Answer = TypeVar("_Answer")


class SubjectServicer(subject_service_pb2_grpc.SubjectServiceServicer):
    """Answers from the subject register, and corrects it.

    Args:
        view: answers questions.
        desk: makes corrections.
    """

    def __init__(self, view: SubjectView, desk: SubjectDesk) -> None:
        self._view = view
        self._desk = desk

    async def FindSubjects(
        self, request: subject_service_pb2.FindSubjectsRequest, _context: _Context
    ) -> subject_service_pb2.FindSubjectsResponse:
        """Whom identifiers, or name and birth, may mean."""
        found = await _ask(self._view.find(current_actor(), request))
        return subject_service_pb2.FindSubjectsResponse(matches=found)

    async def GetSubject(
        self, request: subject_service_pb2.GetSubjectRequest, _context: _Context
    ) -> subject_service_pb2.GetSubjectResponse:
        """Who a made-up id stands for."""
        found = await _ask(self._view.show(current_actor(), request))
        return subject_service_pb2.GetSubjectResponse(subject=found)

    async def ListCandidates(
        self, request: subject_service_pb2.ListCandidatesRequest, _context: _Context
    ) -> subject_service_pb2.ListCandidatesResponse:
        """Who else may be the same person."""
        found = await _ask(self._view.candidates(current_actor(), request))
        return subject_service_pb2.ListCandidatesResponse(candidates=found)

    async def ListConflicts(
        self, request: subject_service_pb2.ListConflictsRequest, _context: _Context
    ) -> subject_service_pb2.ListConflictsResponse:
        """Links that wait for a person."""
        found = await _ask(self._view.conflicts(current_actor(), request))
        return subject_service_pb2.ListConflictsResponse(conflicts=found)

    async def ConfirmCandidate(
        self, request: subject_service_pb2.ConfirmCandidateRequest, _context: _Context
    ) -> subject_service_pb2.ConfirmCandidateResponse:
        """Links two subjects on a person's word."""
        act = Act(current_actor(), request.acting.reason)
        subject = await _ask(self._desk.confirm(act, request.subject, request.candidate))
        return subject_service_pb2.ConfirmCandidateResponse(subject=subject)

    async def RejectCandidate(
        self, request: subject_service_pb2.RejectCandidateRequest, _context: _Context
    ) -> subject_service_pb2.RejectCandidateResponse:
        """Says that two subjects are different people."""
        act = Act(current_actor(), request.acting.reason)
        await _ask(self._desk.reject(act, request.subject, request.candidate))
        return subject_service_pb2.RejectCandidateResponse()

    async def ResolveConflict(
        self, request: subject_service_pb2.ResolveConflictRequest, _context: _Context
    ) -> subject_service_pb2.ResolveConflictResponse:
        """Decides a conflict."""
        act = Act(current_actor(), request.acting.reason)
        await _ask(self._desk.resolve(act, request.conflict_id, request.verdict))
        return subject_service_pb2.ResolveConflictResponse()

    async def Unlink(
        self, request: subject_service_pb2.UnlinkRequest, _context: _Context
    ) -> subject_service_pb2.UnlinkResponse:
        """Parts entries from a subject."""
        act = Act(current_actor(), request.acting.reason)
        undone = await _ask(self._desk.unlink(act, request.subject, request.apart))
        return subject_service_pb2.UnlinkResponse(undone=undone)


async def _ask(answer: Awaitable[_Answer]) -> _Answer:
    """What the register answers; its refusals as those of a call."""
    try:
        return await answer
    except UnknownSubjectError:
        raise NotFoundError from None
    except SettledError:
        raise ConflictError from None
    except (StoreUnavailableError, KeyStoreUnavailableError):
        raise UnavailableError from None


def serve_subjects(view: SubjectView, desk: SubjectDesk) -> ServedService:
    """The service, ready for a server."""
    file: Any = subject_service_pb2.DESCRIPTOR
    return serve(
        subject_service_pb2_grpc.add_SubjectServiceServicer_to_server,
        SubjectServicer(view, desk),
        file.services_by_name["SubjectService"],
    )
