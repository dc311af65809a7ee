"""Orders: placed, listed, cancelled; what they count for on the board."""

from blueprints.orders import board as board
from blueprints.orders.routes import bp as bp
