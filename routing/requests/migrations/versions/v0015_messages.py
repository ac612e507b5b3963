"""The messages of chats, and by which channel a visit came."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("calls", sa.Column("channel", sa.Text(), nullable=False, server_default="voice"))
    op.create_table(
        "messages",
        _text("id"),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        *(_text(name) for name in ("sender", "audience", "kind")),
        sa.Column("body", sa.Text(), nullable=True),
        _text("key"),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_messages_call_id_calls", ondelete="CASCADE"),
        sa.UniqueConstraint("call_id", "position", name="uq_messages_call_id_position"),
    )


def downgrade() -> None:
    op.drop_table("messages")
    op.drop_column("calls", "channel")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
