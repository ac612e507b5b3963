"""How far the chats of messengers are told to their visitors."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deliveries",
        *(_text(name) for name in ("call_id", "node", "channel", "visitor")),
        sa.Column("began_at", TIME, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("position", "piece", "attempts")),
        sa.Column("next_at", TIME, nullable=False),
        _text("error"),
        sa.Column("closed_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("call_id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_channel_visitor", "deliveries", ["channel", "visitor"])
    op.create_index("ix_deliveries_open", "deliveries", ["node", "channel"],
                    sqlite_where=sa.text("closed_at IS NULL"), postgresql_where=sa.text("closed_at IS NULL"))


def downgrade() -> None:
    op.drop_table("deliveries")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
