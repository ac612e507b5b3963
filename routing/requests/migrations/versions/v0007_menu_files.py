"""The files that a version of a menu is made of."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("menu_versions", sa.Column("files", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("menu_versions", "files")
