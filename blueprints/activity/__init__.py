"""Activity: how many are in the shop right now."""

from blueprints.activity import board as board
from blueprints.activity.routes import bp as bp
