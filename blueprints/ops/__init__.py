"""What those who run Flashboard need: health, metrics, the API's description, a rehearsal."""

from blueprints.ops.counters import counters
from blueprints.ops.routes import bp as bp
from blueprints.ops.simulate import simulate

bp.cli.add_command(counters)
bp.cli.add_command(simulate)
