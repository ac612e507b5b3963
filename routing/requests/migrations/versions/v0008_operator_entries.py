"""How operators stood, change by change."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operator_entries",
        *(_text(name) for name in ("id", "node", "boot_id", "operator")),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *(_text(name) for name in ("status", "reason", "by", "state")),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("call_id", "queue")),
        sa.PrimaryKeyConstraint("id", name="pk_operator_entries"),
    )
    op.create_index("ix_operator_entries_operator_at_position", "operator_entries", ["operator", "at", "position"])
    op.create_index("ix_operator_entries_at_id", "operator_entries", ["at", "id"])


def downgrade() -> None:
    op.drop_table("operator_entries")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
