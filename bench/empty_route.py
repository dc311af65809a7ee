"""The app as gunicorn serves it, with one more route: what answering a program at all costs."""

from blueprints.auth.requires import requires
from wsgi import app

PATH = "/bench/empty"

__all__ = ["app"]


@app.get(PATH)
@requires("orders:write")
def empty() -> dict[str, str]:
    """Nothing, as JSON, to whoever may place orders."""
    return {}
