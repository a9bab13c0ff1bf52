"""Methods of the gateway whose time would tell whether a subject or a case exists."""

from typing import Final

_OVERSIGHT: Final = "/publicprotection.oversight.v1."

HIDING: Final = frozenset(
    (
        *(
            _OVERSIGHT + method
            for method in (
                "RegisterService/ListExchanges",
                "RegisterService/GetExchange",
                "SubjectService/FindSubjects",
                "SubjectService/GetSubject",
                "SubjectService/ListCandidates",
                "SubjectService/ConfirmCandidate",
                "SubjectService/RejectCandidate",
                "SubjectService/ListConflicts",
                "SubjectService/ResolveConflict",
                "SubjectService/Unlink",
                "DisclosureLogService/ListRecords",
                "DisclosureLogService/GetRecord",
                "DisclosureLogService/ListLogQueries",
                "RetentionService/PlaceLegalHold",
                "RetentionService/LiftLegalHold",
                "RetentionService/PlanErasure",
                "RetentionService/EraseSubject",
                "RetentionService/EraseExchange",
                "RetentionService/ListLegalHolds",
                "RetentionService/ListDue",
                "HoldQueueService/ListHeld",
                "HoldQueueService/GetHeld",
                "HoldQueueService/CountHeld",
                "ClockService/ListClocks",
                "ClockService/CountClocks",
                "BreachService/FindAffected",
                "BreachService/GetBreach",
                "BreachService/ListBreaches",
                "BreachService/NoteBreachStep",
            )
        ),
        "/publicprotection.transport.v1.GatewayService/PreviewSubmission",
    )
)
"""Look-ups by an id, an identifier or a person; an export streams, and only what its caller may see whole."""
