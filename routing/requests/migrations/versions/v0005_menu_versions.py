"""The texts of menu files that calls were given."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "menu_versions",
        _text("id"),
        sa.Column("revision", sa.Integer(), nullable=False),
        _text("node"), _text("file"), _text("version"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _text("author"), _text("text"), _text("state"),
        sa.PrimaryKeyConstraint("id", name="pk_menu_versions"),
    )
    op.create_index("ix_menu_versions_at_id", "menu_versions", ["at", "id"])
    op.create_index("ix_menu_versions_version", "menu_versions", ["version"])


def downgrade() -> None:
    op.drop_table("menu_versions")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
