"""Inventory: products, their stock, and the levers of ops: restock, pause, resume."""

from blueprints.inventory import board as board
from blueprints.inventory.cli import catalog
from blueprints.inventory.forms import bp as forms
from blueprints.inventory.routes import bp as bp

bp.cli.add_command(catalog)
bp.register_blueprint(forms)
