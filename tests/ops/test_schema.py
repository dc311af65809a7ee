"""A server starts on the tables of its own version alone, and comes up before the database does."""

import pytest
from sqlalchemy import text

import schema
from extensions import db

pytestmark = pytest.mark.faults


def set_revision(app, revision):
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision})


@pytest.fixture
def other_revision(app):
    """Moves the database to another revision until the test is over."""
    with app.app_context(), db.engine.connect() as connection:
        before = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    yield lambda revision: set_revision(app, revision)
    set_revision(app, before)


def test_the_tables_of_the_tests_are_this_versions(app):
    assert schema.mismatch(app) is None


def test_a_newer_database_is_named_with_what_to_do(app, other_revision):
    other_revision("9999")
    found = schema.mismatch(app) or ""
    assert "revision 9999, which this version" in found
    assert "flask db downgrade" in found


def test_it_does_not_start_on_a_newer_database(live, other_revision):
    other_revision("9999")
    with pytest.raises(AssertionError) as failed:
        live()
    assert "a newer one has migrated it" in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_it_does_not_start_without_tables(live, own_servers):
    with pytest.raises(AssertionError) as failed:
        live(servers=own_servers(migrated=False))
    assert "has no tables yet. Run: flask db upgrade" in str(failed.value)
    assert "Traceback" not in str(failed.value)


def test_a_database_that_comes_late_and_is_of_another_version_ends_it(live, own_servers):
    servers = own_servers(migrated=False)
    servers.postgres.stop()
    server = live(servers=servers)
    assert server.get("/healthz").status == 200
    servers.postgres.start()
    assert server.process.wait(30) == 3
    assert "has no tables yet" in server.log
