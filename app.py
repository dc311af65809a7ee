"""The application factory: puts the rooms under blueprints/ together and knows none by name."""

import pkgutil
from importlib import import_module

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

import blueprints
import config
import extensions
import logs
import problems
import wire


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the app from the environment, or from the settings a test gives.

    A room is a package under blueprints/ with a blueprint `bp`; what must run at start it does in
    `bp.record`.
    """
    settings = settings or config.load()
    app = Flask(__name__)
    app.config.from_mapping(settings.flask())
    wire.init_app(app)
    logs.init_app(app)
    problems.init_app(app)
    extensions.init_app(app)
    for room in sorted(pkgutil.iter_modules(blueprints.__path__), key=lambda found: found.name):
        app.register_blueprint(import_module(f"blueprints.{room.name}").bp)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app
