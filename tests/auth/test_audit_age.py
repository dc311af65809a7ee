"""The audit log is kept for AUDIT_DAYS, and pruned by a worker from time to time."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

import shop
import upkeep
from blueprints.auth.models import AuditEntry
from blueprints.auth.service import audit, forget_old_audit
from extensions import db


@pytest.fixture
def entries(app: Flask) -> None:
    """One of a year and a day ago, one of a year less a day."""
    with app.app_context():
        for days in (366, 364):
            audit("olivia@shop.test", f"{days} days ago")
            db.session.flush()
        for entry in db.session.scalars(select(AuditEntry)):
            entry.at = shop.now() - timedelta(days=int(entry.action.split()[0]))
        db.session.commit()


def kept() -> list[str]:
    found = list(db.session.scalars(select(AuditEntry.action)))
    db.session.rollback()
    return found


@pytest.mark.usefixtures("entries")
def test_what_is_older_than_a_year_is_deleted(app: Flask) -> None:
    with app.app_context():
        forget_old_audit()
        assert kept() == ["364 days ago"]


@pytest.mark.usefixtures("entries")
def test_the_setting_says_how_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.config["SETTINGS"].model_copy(update={"audit_days": 7})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    with app.app_context():
        forget_old_audit()
        assert kept() == []


def test_it_is_what_workers_do_from_time_to_time(app: Flask) -> None:
    assert forget_old_audit in upkeep.jobs
