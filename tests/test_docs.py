"""Docs that cannot lie: a setting, command or channel without a line in them fails."""

from pathlib import Path

from flask import Flask

from blueprints.stream.channels import declared
from config import Settings

DOCS = Path(__file__).resolve().parents[1] / "docs"


def test_every_setting_is_documented() -> None:
    text = (DOCS / "configuration.md").read_text()
    missing = [name for name in Settings.model_fields if f"`{name.upper()}`" not in text]
    assert missing == []


def test_every_event_is_documented(migrated_app: Flask) -> None:
    text = (DOCS / "api.md").read_text()
    assert declared()
    missing = [name for name in declared() if f"`{name}`" not in text]
    assert missing == []


def test_every_command_is_documented(migrated_app: Flask) -> None:
    text = (DOCS / "api.md").read_text()
    ours = {"catalog", "counters", "displays", "simulate", "tokens", "users"}
    assert ours <= set(migrated_app.cli.commands)
    missing = [name for name in ours if f"flask {name}" not in text]
    assert missing == []


def test_every_link_between_the_documents_leads_somewhere() -> None:
    root = DOCS.parent
    broken = []
    for page in [root / "README.md", *DOCS.glob("*.md")]:
        for part in page.read_text().split("](")[1:]:
            target = part.split(")")[0].split("#")[0]
            if target and "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []
