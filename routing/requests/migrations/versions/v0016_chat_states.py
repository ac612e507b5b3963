"""What each chat that goes on is: another control process takes it up."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chat_states",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_chat_states"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_chat_states_call_id_calls", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("chat_states")
