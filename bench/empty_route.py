"""The app as gunicorn serves it, with one more route: what answering anything at all costs."""

from blueprints.auth.requires import public
from wsgi import app

PATH = "/bench/empty"

__all__ = ["app"]


@app.get(PATH)
@public
def empty() -> dict[str, str]:
    """Nothing, as JSON."""
    return {}
