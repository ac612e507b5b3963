"""How operators stood, change by change; what people made of requests, and which belong together."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "operator_entries",
        *(_text(name) for name in ("id", "node", "boot_id", "operator")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        *(_text(name) for name in ("status", "reason", "by", "state")),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("call_id", "queue")),
        sa.PrimaryKeyConstraint("id", name="pk_operator_entries"),
    )
    op.create_index("ix_operator_entries_operator_at_position", "operator_entries", ["operator", "at", "position"])
    op.create_index("ix_operator_entries_at_id", "operator_entries", ["at", "id"])
    _request_work()
    _request_changes()
    _request_links()


def downgrade() -> None:
    for table in ("request_links", "request_changes", "request_work", "operator_entries"):
        op.drop_table(table)


def _request_work() -> None:
    op.create_table(
        "request_work",
        _text("request_id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _text("by"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("status", "queue", "operator", "topic", "result",
                                                                 "note")),
        sa.Column("filled", sa.JSON(), nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        _text("topics_version"),
        sa.PrimaryKeyConstraint("request_id", name="pk_request_work"), _of_request("request_work", "request_id"),
    )
    op.create_index("ix_request_work_topic", "request_work", ["topic"])


def _request_changes() -> None:
    op.create_table(
        "request_changes",
        _text("id"), _text("request_id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _text("who"),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_request_changes"), _of_request("request_changes", "request_id"),
    )
    op.create_index("ix_request_changes_request_id", "request_changes", ["request_id"])


def _request_links() -> None:
    op.create_table(
        "request_links",
        _text("request_id"), _text("other_id"), _text("kind"),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_request_links"),
        _of_request("request_links", "request_id"), _of_request("request_links", "other_id"),
    )
    op.create_index("ix_request_links_other_id", "request_links", ["other_id"])


def _of_request(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["requests.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
