"""The session cookie: Secure wherever the request came over TLS, and then under a name that no
other host can set."""

from flask import Flask, has_request_context, request
from flask.sessions import SecureCookieSessionInterface


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, decided by the request: the same process serves http and https."""

    def get_cookie_name(self, app: Flask) -> str:
        # A __Host- cookie cannot be planted by a neighbour on the same domain.
        name: str = app.config["SESSION_COOKIE_NAME"]
        return f"__Host-{name}" if _secure() else name

    def get_cookie_secure(self, app: Flask) -> bool:
        return _secure()


def init_app(app: Flask) -> None:
    """Use it."""
    app.session_interface = Sessions()


def _secure() -> bool:
    return has_request_context() and request.is_secure
