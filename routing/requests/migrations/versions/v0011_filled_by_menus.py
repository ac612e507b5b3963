"""What menus filled in for the operator: with the caller, and erased with them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("filled", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "filled")
