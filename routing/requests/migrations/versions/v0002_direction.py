"""Which way a call went: a caller's visit, or a call that an operator made."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calls", sa.Column("direction", sa.Text(), nullable=False, server_default="inbound"))


def downgrade() -> None:
    op.drop_column("calls", "direction")
