"""The files of chats."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "files",
        *(_text(name) for name in ("id", "call_id", "node")),
        sa.Column("at", TIME, nullable=False),
        *(_text(name) for name in ("sender", "visitor", "name", "type")),
        sa.Column("octets", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("said", sa.Boolean(), nullable=False),
        sa.Column("erased_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_files"),
    )
    op.create_index("ix_files_call_id", "files", ["call_id"])
    op.create_index("ix_files_node_erased_at", "files", ["node", "erased_at"])


def downgrade() -> None:
    op.drop_table("files")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
