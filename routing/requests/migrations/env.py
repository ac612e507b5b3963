"""Run by Alembic for each upgrade: uses the connection and the transaction that `open_database` hands in."""

from alembic import context

from routing.requests.tables import Call

context.configure(connection=context.config.attributes["connection"], target_metadata=Call.metadata)
context.run_migrations()
