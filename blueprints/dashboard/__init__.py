"""The page itself: its frame, the display for a wall, and the cards it finds in the other rooms."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from blueprints.dashboard import formats

bp = Blueprint("dashboard", __name__)
for show in (formats.number, formats.money, formats.clock, formats.day, formats.stock_state):
    bp.app_template_filter()(show)
bp.app_template_test()(formats.in_need)


@bp.record_once
def _trim_pages(state: BlueprintSetupState) -> None:
    """Lines that hold only a tag of Jinja leave nothing in the page."""
    state.app.jinja_env.trim_blocks = True
    state.app.jinja_env.lstrip_blocks = True


from blueprints.dashboard import routes  # noqa: E402, F401  (routes need bp)
