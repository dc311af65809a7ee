"""What those who run Flashboard need: health, metrics, the API's description, a rehearsal."""

from flask.blueprints import BlueprintSetupState

from blueprints.ops import prometheus
from blueprints.ops.counters import counters
from blueprints.ops.routes import bp as bp
from blueprints.ops.simulate import simulate

bp.cli.add_command(counters)
bp.cli.add_command(simulate)


@bp.record_once
def _set_up(state: BlueprintSetupState) -> None:
    prometheus.init_app(state.app)
