"""The records about the log itself, subjects, what the gateway goes by, and what is erased."""

from collections.abc import Mapping
from typing import Final

from gateway.core.log.declaring import ACTOR, declare
from gateway.core.log.entries import RecordSpec, RecordType, Verb

OVERSIGHT_SPECS: Final[Mapping[str, RecordSpec]] = {
    RecordType.LOG_QUERY: declare(
        Verb.CONSULTATION,
        "Somebody asked the log; written before the answer.",
        "organisation purpose author_commitment reason_commitment scope queried",
        "exchange queried_exchange subjects queried_organisation queried_types queried_record queried_from "
        "queried_until after page_size texts_opened",
        paragraphs="DPA 2018 s.62(1)(c), (2), (4)",
        satisfies=("child:X-25", "adult:R-32"),
        parties=ACTOR,
    ),
    RecordType.SUBJECT_QUERY: declare(
        Verb.CONSULTATION,
        "Somebody looked for a subject, or was shown names.",
        "organisation purpose author_commitment queried",
        "subjects systems page_size texts_opened reason_commitment scope",
        paragraphs="DPA 2018 s.62(1)(c), (2)",
        parties=ACTOR,
    ),
    RecordType.REGISTER_EXPORTED: declare(
        Verb.CONSULTATION,
        "Somebody took exchanges out of the register as a file; written before the first of them.",
        "organisation purpose author_commitment scope queried",
        "filters subjects queried_exchange queried_from queried_until",
        paragraphs="DPA 2018 s.62(1)(c), (2)",
        satisfies=("adult:R-32",),
        parties=ACTOR,
    ),
    RecordType.ACCESS_REFUSED: declare(
        Verb.REFUSAL,
        "Calls to the gateway were not let in; those of one kind within a minute are one record.",
        "organisation method reason refusals since",
        "client author_commitment scope",
        parties=ACTOR,
    ),
    RecordType.SUBJECT_LINKED: declare(
        Verb.COMBINATION,
        "Identifiers or subjects are one person's: one sealed document states both, or a person says so.",
        "subjects",
        "exchange sender organisation subject evidence systems link author_commitment reason_commitment "
        "scope conflict candidate",
        paragraphs="DPA 2018 s.62(1)(e)",
    ),
    RecordType.SUBJECT_UNLINKED: declare(
        Verb.COMBINATION,
        "A link was undone by a person.",
        "subjects organisation link author_commitment reason_commitment",
        "exchange subject systems scope",
        paragraphs="DPA 2018 s.62(1)(e)",
    ),
    RecordType.SUBJECT_CONFLICT: declare(
        Verb.HOLD,
        "Something contradicts a link that a document states: nothing is linked before a person decides.",
        "exchange sender subjects",
        "conflict systems",
    ),
    RecordType.CONFLICT_RESOLVED: declare(
        Verb.APPROVAL,
        "A person decided a conflict of identifiers.",
        "organisation conflict verdict author_commitment reason_commitment",
        "exchange subjects scope",
    ),
    RecordType.CANDIDATE_CONFIRMED: declare(
        Verb.APPROVAL,
        "A person confirmed that two subjects that look alike are one.",
        "organisation candidate author_commitment reason_commitment",
        "exchange subjects scope",
    ),
    RecordType.CANDIDATE_REJECTED: declare(
        Verb.APPROVAL,
        "A person said that two subjects that look alike are two.",
        "organisation candidate author_commitment reason_commitment",
        "exchange subjects scope",
    ),
    RecordType.AGREEMENT_CHANGED: declare(
        Verb.GOVERNANCE,
        "What became of an agreement: IMPORTED, PROPOSED, SIGNED, REFUSED, CAME_INTO_FORCE, SUSPENDED, "
        "RESUMED, ENDED, EXPIRED, SUPERSEDED.",
        "item change",
        "version version_before digest digest_before valid_from until items organisation author_commitment "
        "reason_commitment scope",
        satisfies=("mappa:L-32", "later:L21"),
    ),
    RecordType.RULEBOOK_CHANGED: declare(
        Verb.GOVERNANCE,
        "Decisions go by another rulebook from now on.",
        "version digest",
        "version_before digest_before change item items valid_from",
    ),
    RecordType.DIRECTORY_CHANGED: declare(
        Verb.GOVERNANCE,
        "Another signed directory is in force from now on.",
        "version digest",
        "version_before digest_before change items valid_from until",
    ),
    RecordType.KEY_CHANGED: declare(
        Verb.GOVERNANCE,
        "A key was added, expired, revoked or destroyed.",
        "item change",
        "organisation valid_from until digest version items",
    ),
    RecordType.BREACH_CHANGED: declare(
        Verb.GOVERNANCE,
        "What became of a breach case: OPENED, EXCHANGES_FOUND, a step of breaches.yaml, CLOSED.",
        "item change organisation",
        "author_commitment reason_commitment scope until records",
        paragraphs="DPA 2018 s.67(6)",
        parties=ACTOR,
    ),
    RecordType.LEGAL_HOLD_PLACED: declare(
        Verb.GOVERNANCE,
        "Nothing about a subject or of an exchange may be pruned or erased.",
        "item organisation author_commitment reason_commitment",
        "exchange subject subjects until scope",
    ),
    RecordType.LEGAL_HOLD_LIFTED: declare(
        Verb.GOVERNANCE,
        "A legal hold ended.",
        "item organisation author_commitment reason_commitment",
        "exchange subject subjects scope",
    ),
    RecordType.SUBJECT_ERASED: declare(
        Verb.ERASURE,
        "Keys and salts of a subject were destroyed; names nobody.",
        "organisation author_commitment reason_commitment keys_destroyed salts_destroyed",
        "records items scope",
        paragraphs="DPA 2018 s.62(1)(f)",
    ),
    RecordType.EXCHANGE_ERASED: declare(
        Verb.ERASURE,
        "Keys and salts of an exchange were destroyed.",
        "exchange organisation author_commitment reason_commitment keys_destroyed salts_destroyed",
        "records items scope",
        paragraphs="DPA 2018 s.62(1)(f)",
    ),
    RecordType.RECORDS_PRUNED: declare(
        Verb.ERASURE,
        "Entries past their retention class were deleted; their hashes stay in the tree.",
        "item records",
        "first_index last_index until keys_destroyed salts_destroyed items",
        paragraphs="DPA 2018 s.62(1)(f)",
    ),
}
"""Types by name."""
