"""Run the migrations on the connection that `Database.migrate` gives; Alembic asks for this."""

from alembic import context

from toxic_tweets.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column otherwise
)
with context.begin_transaction():
    context.run_migrations()
