"""Alerts: what ops should know of, until somebody is on it."""

from blueprints.alerts import board as board
from blueprints.alerts.routes import bp as bp
