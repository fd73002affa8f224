"""Runs the store's history on the connection it is given; `smallfirst store upgrade` is the way in."""

from alembic import context

from router.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
