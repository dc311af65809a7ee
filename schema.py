"""Whether the tables in the database are those of this version: no other is worked with."""

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from extensions import db


def mismatch(app: Flask) -> str | None:
    """What is wrong and what to run; None if all is well.

    Raises sqlalchemy.exc.SQLAlchemyError when the database cannot be asked.
    """
    migrations = ScriptDirectory(str(Path(app.root_path) / "migrations"))
    ours = migrations.get_current_head()
    with app.app_context():
        found = _revision()
    if found == ours:
        return None
    if found is None:
        return "The database has no tables yet. Run: flask db upgrade"
    if found in {each.revision for each in migrations.walk_revisions()}:
        return (
            f"The database is at revision {found}, and this version needs {ours}. "
            "Run: flask db upgrade"
        )
    return (
        f"The database is at revision {found}, which this version, {ours}, does not know: a newer "
        f"one has migrated it. Deploy that, or with it run: flask db downgrade {ours}"
    )


def _revision() -> str | None:
    with db.engine.connect() as connection:
        try:
            found = connection.execute(text("SELECT version_num FROM alembic_version"))
        except ProgrammingError:
            return None
        return found.scalar()
