"""Recordings, and who fetched or erased them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "recordings",
        _text("id"), _text("call_id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        _text("queue"), _text("operator"), _text("why"), _text("by"), _text("format"), _text("file"),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("octets", sa.BigInteger(), nullable=True),
        sa.Column("muted", sa.JSON(), nullable=False),
        _text("reason"),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("erased_at", TIME, nullable=True),
        sa.Column("erased_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_recordings_call_id", ondelete="CASCADE"),
    )
    op.create_index("ix_recordings_began_at_id", "recordings", ["began_at", "id"])
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index("ix_recordings_file", "recordings", ["file"])
    op.create_table(
        "recording_uses",
        _text("id"), _text("recording_id"),
        sa.Column("at", TIME, nullable=False),
        _text("who"), _text("what"),
        sa.PrimaryKeyConstraint("id", name="pk_recording_uses"),
        sa.ForeignKeyConstraint(["recording_id"], ["recordings.id"], name="fk_recording_uses_recording_id",
                                ondelete="CASCADE"),
    )
    op.create_index("ix_recording_uses_recording_id", "recording_uses", ["recording_id"])


def downgrade() -> None:
    op.drop_table("recording_uses")
    op.drop_table("recordings")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
