"""Calls, people, requests, entries and traces."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _calls()
    _people()
    _requests()
    _entries()
    op.create_table("traces", _call_id(), sa.Column("rows", sa.JSON(), nullable=False),
                    sa.PrimaryKeyConstraint("call_id", name="pk_traces"), _of_call("traces"))


def downgrade() -> None:
    for table in ("traces", "entries", "requests", "people", "calls"):
        op.drop_table(table)


def _text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _call_id() -> sa.Column[str]:
    return _text("call_id")


def _of_call(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=f"fk_{table}_call_id", ondelete="CASCADE")


def _calls() -> None:
    op.create_table(
        "calls",
        _text("id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        _text("node"), _text("boot_id"), _text("line"), _text("dialled"), _text("language"),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        _text("outcome", nullable=True),
        _text("ended_by"), _text("reason"), _text("queue"), _text("operator"),
        sa.Column("wait_time", sa.Double(), nullable=True),
        sa.Column("talk_time", sa.Double(), nullable=True),
        _text("menu_version"), _text("sip_call_id"),
        _text("request_id", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_began_at_id", "calls", ["began_at", "id"])
    unfinished = sa.text("outcome IS NULL")
    op.create_index("ix_calls_unfinished", "calls", ["node"], sqlite_where=unfinished, postgresql_where=unfinished)


def _people() -> None:
    op.create_table(
        "people",
        _call_id(), _text("caller_number", nullable=True), _text("caller_name", nullable=True),
        sa.Column("erased_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("call_id", name="pk_people"), _of_call("people"),
    )
    op.create_index("ix_people_caller_number", "people", ["caller_number"])


def _requests() -> None:
    op.create_table(
        "requests",
        _text("id"), _call_id(),
        sa.Column("revision", sa.Integer(), nullable=False),
        _text("queue"), _text("subject"), _text("language"),
        sa.Column("path", sa.JSON(), nullable=False),
        _text("operator"), _text("status"),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_requests"), _of_call("requests"),
    )
    op.create_index("ix_requests_opened_at_id", "requests", ["opened_at", "id"])
    op.create_index("ix_requests_call_id", "requests", ["call_id"])


def _entries() -> None:
    op.create_table(
        "entries",
        _text("id"), _call_id(),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _text("kind"),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_entries"), _of_call("entries"),
        sa.UniqueConstraint("call_id", "position", name="uq_entries_call_id_position"),
    )
    op.create_index("ix_entries_at_id", "entries", ["at", "id"])
