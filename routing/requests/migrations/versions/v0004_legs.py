"""How the audio of each leg was."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "legs",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("id", "call_id", "party", "codec")),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_legs"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_legs_call_id", ondelete="CASCADE"),
    )
    op.create_index("ix_legs_call_id", "legs", ["call_id"])


def downgrade() -> None:
    op.drop_table("legs")
