"""The first tables."""

import sqlalchemy as sa
from alembic import op

from gateway.adapters.database.types import Instant, Names

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915  # one table after another
    """Applies the change."""
    op.create_table(
        "log_record",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("leaf_index", sa.BigInteger(), nullable=True),
        sa.Column("retention_class", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_log_record"),
        sa.UniqueConstraint("record_hash", name="uq_log_record_record_hash"),
        sa.UniqueConstraint("leaf_index", name="uq_log_record_leaf_index"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_log_record_exchange_id", "log_record", ["exchange_id"], unique=False)
    op.create_index(
        "ix_log_record_queued",
        "log_record",
        ["position"],
        unique=False,
        sqlite_where=sa.text("leaf_index IS NULL"),
        postgresql_where=sa.text("leaf_index IS NULL"),
    )
    op.create_index("ix_log_record_type", "log_record", ["type", "position"], unique=False)
    op.create_index("ix_log_record_at", "log_record", ["at", "position"], unique=False)
    op.create_index(
        "ix_log_record_due",
        "log_record",
        ["retention_class", "at"],
        unique=False,
        sqlite_where=sa.text("entry IS NOT NULL"),
        postgresql_where=sa.text("entry IS NOT NULL"),
    )
    op.create_table(
        "legal_hold",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("legal_hold_id", sa.String(length=128), nullable=False),
        sa.Column("subject_id", sa.String(length=128), nullable=True),
        sa.Column("exchange_id", sa.String(length=128), nullable=True),
        sa.Column("placed_at", Instant(), nullable=False),
        sa.Column("placed_in", sa.String(length=128), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_in", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_legal_hold"),
        sa.UniqueConstraint("legal_hold_id", name="uq_legal_hold_legal_hold_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "doomed_scope",
        sa.Column("key_scope", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("key_scope", name="pk_doomed_scope"),
    )
    op.create_table(
        "log_listing",
        sa.Column("listed_under", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["position"], ["log_record.position"], name="fk_log_listing_position"),
        sa.PrimaryKeyConstraint("listed_under", "position", name="pk_log_listing"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tile", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "tile", name="pk_log_tile"),
    )
    op.create_table(
        "log_head",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_log_head"),
    )
    op.create_table(
        "log_checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_log_checkpoint"),
    )
    op.create_table(
        "log_cosignature",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["log_checkpoint.size"], name="fk_log_cosignature_size"),
        sa.PrimaryKeyConstraint("size", "organisation", name="pk_log_cosignature"),
    )
    op.create_index("ix_log_cosignature_at", "log_cosignature", ["at"], unique=False)
    op.create_table(
        "packet",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("packet_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("key_scope", sa.String(length=160), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_packet"),
        sa.UniqueConstraint("packet_id", name="uq_packet_packet_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_packet_waiting",
        "packet",
        ["due_at", "position"],
        unique=False,
        sqlite_where=sa.text("published_at IS NULL AND ciphertext IS NOT NULL"),
        postgresql_where=sa.text("published_at IS NULL AND ciphertext IS NOT NULL"),
    )
    op.create_table(
        "in_force",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_in_force"),
    )
    op.create_table(
        "refused_message",
        sa.Column("message_hash", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("message_hash", name="pk_refused_message"),
    )
    op.create_table(
        "subject",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("system", sa.Integer(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(length=32), nullable=True),
        sa.PrimaryKeyConstraint("position", name="pk_subject"),
        sa.UniqueConstraint("subject_id", name="uq_subject_subject_id"),
        sa.UniqueConstraint("blind_index", name="uq_subject_blind_index"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subject_mention",
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("is_case", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name="fk_subject_mention_subject_id"),
        sa.PrimaryKeyConstraint("subject_id", "exchange_id", "about", name="pk_subject_mention"),
    )
    op.create_index("ix_subject_mention_exchange_id", "subject_mention", ["exchange_id"], unique=False)
    op.create_table(
        "subject_trace",
        sa.Column("blind_index", sa.LargeBinary(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.subject_id"], name="fk_subject_trace_subject_id"),
        sa.PrimaryKeyConstraint("blind_index", "subject_id", name="pk_subject_trace"),
    )
    op.create_index("ix_subject_trace_subject_id", "subject_trace", ["subject_id", "kind"], unique=False)
    op.create_table(
        "subject_link",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("link_id", sa.String(length=128), nullable=False),
        sa.Column("first_id", sa.String(length=128), nullable=False),
        sa.Column("second_id", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=True),
        sa.Column("contradiction", sa.String(length=64), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_in", sa.String(length=128), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_in", sa.String(length=128), nullable=True),
        sa.ForeignKeyConstraint(["first_id"], ["subject.subject_id"], name="fk_subject_link_first_id"),
        sa.ForeignKeyConstraint(["second_id"], ["subject.subject_id"], name="fk_subject_link_second_id"),
        sa.PrimaryKeyConstraint("position", name="pk_subject_link"),
        sa.UniqueConstraint("link_id", name="uq_subject_link_link_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subject_link_first_id", "subject_link", ["first_id"], unique=False)
    op.create_index("ix_subject_link_second_id", "subject_link", ["second_id"], unique=False)
    op.create_index(
        "ix_subject_link_held",
        "subject_link",
        ["position"],
        unique=False,
        sqlite_where=sa.text("state = 'HELD'"),
        postgresql_where=sa.text("state = 'HELD'"),
    )
    op.create_table(
        "subject_description",
        sa.Column("text_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=128), nullable=True),
        sa.Column("key_scope", sa.String(length=160), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["subject.subject_id"], name="fk_subject_description_party_id"),
        sa.PrimaryKeyConstraint("text_id", name="pk_subject_description"),
    )
    op.create_index("ix_subject_description_party_id", "subject_description", ["party_id"], unique=False)
    op.create_index("ix_subject_description_key_scope", "subject_description", ["key_scope"], unique=False)
    op.create_table(
        "subject_case_text",
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("text_id", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.subject_id"], name="fk_subject_case_text_subject_id"
        ),
        sa.ForeignKeyConstraint(
            ["text_id"], ["subject_description.text_id"], name="fk_subject_case_text_text_id"
        ),
        sa.PrimaryKeyConstraint("subject_id", "text_id", name="pk_subject_case_text"),
    )
    op.create_index("ix_subject_case_text_text_id", "subject_case_text", ["text_id"], unique=False)
    op.create_table(
        "subject_told",
        sa.Column("text_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["text_id"], ["subject_description.text_id"], name="fk_subject_told_text_id"),
        sa.PrimaryKeyConstraint("text_id", "organisation", "desk", "kind", name="pk_subject_told"),
    )
    op.create_table(
        "submission",
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("seal_hash", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("request_key", sa.LargeBinary(length=32), nullable=True),
        sa.Column("leaf_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("exchange_id", name="pk_submission"),
        sa.UniqueConstraint("request_key", name="uq_submission_request_key"),
    )
    op.create_table(
        "text",
        sa.Column("scope", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=True),
        sa.Column("key_scope", sa.String(length=160), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name", name="pk_text"),
    )
    op.create_index("ix_text_exchange_id", "text", ["exchange_id"], unique=False)
    op.create_table(
        "exchange",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.Integer(), nullable=False),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("subject_id", sa.String(length=128), nullable=False),
        sa.Column("in_reply_to", sa.String(length=128), nullable=True),
        sa.Column("author_commitment", sa.String(length=64), nullable=False),
        sa.Column("necessity_commitment", sa.String(length=64), nullable=True),
        sa.Column("grounds_commitment", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["exchange_id"], ["submission.exchange_id"], name="fk_exchange_exchange_id"),
        sa.PrimaryKeyConstraint("position", name="pk_exchange"),
        sa.UniqueConstraint("exchange_id", name="uq_exchange_exchange_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exchange_subject_id", "exchange", ["subject_id"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("outcome_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.Integer(), nullable=False),
        sa.Column("addressee", sa.String(length=64), nullable=False),
        sa.Column("packet_id", sa.String(length=128), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["packet_id"], ["packet.packet_id"], name="fk_outcome_packet_id"),
        sa.PrimaryKeyConstraint("outcome_id", name="pk_outcome"),
        sa.UniqueConstraint("packet_id", name="uq_outcome_packet_id"),
    )
    op.create_index("ix_outcome_exchange_id", "outcome", ["exchange_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.exchange_id"], name="fk_decision_exchange_id"),
        sa.PrimaryKeyConstraint("position", name="pk_decision"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decision_exchange_id", "decision", ["exchange_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("delivery_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("desk", sa.String(length=64), nullable=False),
        sa.Column("packet_id", sa.String(length=128), nullable=False),
        sa.Column("record_hash", sa.String(length=64), nullable=False),
        sa.Column("statement_hash", sa.String(length=64), nullable=False),
        sa.Column("released", Names(), nullable=False),
        sa.Column("supplementary_to", sa.String(length=128), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("receipted_at", Instant(), nullable=True),
        sa.Column("acknowledged_at", Instant(), nullable=True),
        sa.Column("acknowledged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.exchange_id"], name="fk_delivery_exchange_id"),
        sa.ForeignKeyConstraint(["packet_id"], ["packet.packet_id"], name="fk_delivery_packet_id"),
        sa.PrimaryKeyConstraint("position", name="pk_delivery"),
        sa.UniqueConstraint("delivery_id", name="uq_delivery_delivery_id"),
        sa.UniqueConstraint("packet_id", name="uq_delivery_packet_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_delivery_exchange_id", "delivery", ["exchange_id"], unique=False)
    op.create_table(
        "fact",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("party", sa.Text(), nullable=True),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("holds_from", Instant(), nullable=True),
        sa.Column("holds_until", Instant(), nullable=True),
        sa.Column("recipient", sa.String(length=64), nullable=True),
        sa.Column("asserted_in", sa.String(length=128), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.exchange_id"], name="fk_fact_exchange_id"),
        sa.PrimaryKeyConstraint("position", name="pk_fact"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_fact_exchange_id", "fact", ["exchange_id"], unique=False)
    op.create_table(
        "hold",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("hold_id", sa.String(length=128), nullable=False),
        sa.Column("exchange_id", sa.String(length=128), nullable=False),
        sa.Column("recipient_organisation", sa.String(length=64), nullable=False),
        sa.Column("recipient_desk", sa.String(length=64), nullable=False),
        sa.Column("organisation", sa.String(length=64), nullable=False),
        sa.Column("prerequisite", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("escalates_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("asked_as", sa.String(length=64), nullable=False),
        sa.Column("tell_sender", sa.String(length=16), nullable=False),
        sa.Column("escalates_to", sa.String(length=64), nullable=False),
        sa.Column("escalates_to_role", sa.String(length=64), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("sender", sa.String(length=64), nullable=False),
        sa.Column("document_type", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.exchange_id"], name="fk_hold_exchange_id"),
        sa.PrimaryKeyConstraint("position", name="pk_hold"),
        sa.UniqueConstraint("hold_id", name="uq_hold_hold_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hold_exchange_id", "hold", ["exchange_id"], unique=False)
    op.create_index(
        "ix_hold_open",
        "hold",
        ["position"],
        unique=False,
        sqlite_where=sa.text("state = 'OPEN'"),
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index(
        "ix_hold_escalation",
        "hold",
        ["escalates_at", "position"],
        unique=False,
        sqlite_where=sa.text("state = 'OPEN'"),
        postgresql_where=sa.text("state = 'OPEN'"),
    )
    op.create_index(
        "ix_hold_owner",
        "hold",
        ["organisation", "escalates_at", "position"],
        unique=False,
        sqlite_where=sa.text("state = 'OPEN'"),
        postgresql_where=sa.text("state = 'OPEN'"),
    )
