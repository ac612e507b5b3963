"""Requests that callers leave: to be called back, and messages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("kind = 'callback' AND status = 'open'")


def upgrade() -> None:
    op.add_column("requests", sa.Column("kind", sa.Text(), nullable=False, server_default="queue"))
    op.add_column("requests", sa.Column("recording_id", sa.Text(), nullable=True))
    op.add_column("people", sa.Column("callback_number", sa.Text(), nullable=True))
    op.create_index("ix_requests_callbacks", "requests", ["queue", "opened_at"], sqlite_where=OPEN,
                    postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_requests_callbacks", "requests")
    op.drop_column("people", "callback_number")
    op.drop_column("requests", "recording_id")
    op.drop_column("requests", "kind")
