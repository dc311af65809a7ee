"""A newcomer's card: one new folder, fewer than forty lines, and nothing else edited."""

import shutil

import pytest

from tests.browser.steps import open_board, shows
from tests.live import ROOT

LIMIT_LINES = 40
ROOM = {
    "__init__.py": '''"""Sign-ups: how many joined the newsletter."""

from blueprints.signups.routes import bp as bp
''',
    "routes.py": '''"""Count a sign-up, and show it."""

from flask import Blueprint

from blueprints import stream
from blueprints.auth.requires import requires
from extensions import redis

bp = Blueprint(
    "signups", __name__,
    template_folder="templates", static_folder="static", static_url_path="/static/signups",
)
stream.channel("signups", fields=[stream.Value("signups", 0)])


@bp.post("/api/signups")
@requires("metrics:write")
def create():
    """Somebody joined."""
    count = redis.commands.incr("signups")
    return {"id": stream.publish("signups", {"signups": count})}, 201
''',
    "templates/signups/card.html": """<h2>Sign-ups</h2>
<p class="value" data-value>{{ board.signups }}</p>
""",
    "static/card.js": """import { Card } from "flashboard/card";

export default class extends Card {
  update(board) {
    this.write(this.element.querySelector("[data-value]"), `${board.signups} joined`);
  }
}
""",
}
WITHOUT_SCRIPT = """<h2>Sign-ups</h2>
<p class="value" data-bind="signups" data-format="number">{{ board.signups }}</p>
"""


@pytest.fixture
def with_room(tmp_path, live):
    """Starts the project in a directory of its own, with a newcomer's room in it."""

    def start(room):
        target = tmp_path / "copy"
        ignored = shutil.ignore_patterns(".*", "var", "__pycache__", "docs", "tests")
        shutil.copytree(ROOT, target, ignore=ignored)
        for name, text in room.items():
            path = target / "blueprints" / "signups" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return live(GUNICORN_CMD_ARGS=f"--chdir={target}")

    return start


def test_it_holds_the_budget():
    assert sum(text.count("\n") for text in ROOM.values()) < LIMIT_LINES


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (ROOM, "{} joined"),
        (
            {name: text for name, text in ROOM.items() if not name.endswith(".js")}
            | {"templates/signups/card.html": WITHOUT_SCRIPT},
            "{}",
        ),
    ],
    ids=["with a script", "without"],
)
def test_its_card_is_on_the_page_and_live(with_room, page, operator, token, room, shown):
    server = with_room(room)
    open_board(page, operator, server.url)
    value = "[data-card=signups] .value"
    shows(page, value, shown.format(0))
    secret = token("metrics:write")
    for _ in range(3):
        assert server.post("/api/signups", token=secret).status == 201

    shows(page, value, shown.format(3))
    page.get_by_role("region", name="Sign-ups").wait_for()
