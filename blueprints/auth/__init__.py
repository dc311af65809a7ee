"""Who may: people, tokens and displays, their sign-in, and the rule every route declares."""

from flask.blueprints import BlueprintSetupState

from blueprints.auth import attempts, cli, cookies, guard, headers, models, pace, routes

__all__ = ["bp", "models"]

bp = routes.bp
cli.add_to(bp)


@bp.record_once
def _set_up(state: BlueprintSetupState) -> None:
    for part in (cookies, attempts, pace, guard, headers):
        part.init_app(state.app)
