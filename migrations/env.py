"""Run by `flask db …`: migrates the app's own database, on the engine that the app uses."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db


def leave_out_empty(_context, _revision, directives):
    """No revision is written where the models and the tables agree."""
    if (
        getattr(context.config.cmd_opts, "autogenerate", False)
        and directives[0].upgrade_ops.is_empty()
    ):
        directives[:] = []


def run_migrations():
    """All in one transaction: a migration that fails leaves the tables as they were."""
    if context.is_offline_mode():
        context.configure(
            url=current_app.config["SQLALCHEMY_DATABASE_URI"],
            target_metadata=database.metadata,
            literal_binds=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        return
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            process_revision_directives=leave_out_empty,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


run_migrations()
