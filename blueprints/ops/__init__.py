"""What those who run Flashboard need: health, metrics, the API's description, a rehearsal."""

from blueprints.ops.routes import bp as bp
