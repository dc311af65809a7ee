"""Who may call a route, and who is calling: all that other rooms need of this one.

A route says `@requires("orders:write", role="operator")` or `@public`; one without a rule answers
nobody, so that forgetting is safe. guard.py checks it before the view runs.
"""

from flask import g, request, session
from flask_login import LoginManager, UserMixin, current_user

import shop
from blueprints.auth import identities
from blueprints.auth.principals import Principal
from blueprints.auth.rules import Rule, public, requires, rule_here
from blueprints.auth.service import audit, hash_of
from problems import Problem, not_found

__all__ = [
    "Principal",
    "audit",
    "current_principal",
    "principal_or_none",
    "public",
    "requires",
    "sign_in_display",
    "still_valid",
]

still_valid = identities.still_valid
login_manager = LoginManager()


def current_principal() -> Principal:
    """Whoever the request is made for. Raises the 401 problem when it is nobody."""
    found = principal_or_none()
    if found is None:
        raise nobody()
    return found


def principal_or_none() -> Principal | None:
    """Whoever the request is made for; looked up once, on a public route only if asked."""
    if "principal" not in g:
        g.principal = _identify(rule_here() or Rule())
    found: Principal | None = g.principal
    return found


def sign_in_display(token: str) -> Principal:
    """Make this browser the display whose link was opened. Raises a 404 problem."""
    # The server's access log is written from this when the answer is out: the link is a key.
    request.environ["PATH_INFO"] = request.path.replace(token, "***")
    display_hash = hash_of(token)
    found = identities.display(display_hash)
    if found is None:
        raise not_found("display")
    if session.get("display") != display_hash:
        session["display"] = display_hash
        session.permanent = True
    renew_display()
    g.principal = found
    return found


def renew_display() -> None:
    """Sign the cookie anew once a day: a screen that hangs for months must not be signed out by
    the age of its cookie."""
    today = shop.now().date().isoformat()
    if session.get("shown") != today:
        session["shown"] = today


class Person(UserMixin):
    """What Flask-Login keeps of a sign-in: its id is the cookie's secret."""

    def __init__(self, secret: str, principal: Principal | None = None) -> None:
        self.id = secret
        self.principal = principal


@login_manager.user_loader
def _load_person(secret: str) -> Person | None:
    rule = rule_here()
    found = identities.person(secret, passive=rule is not None and rule.passive)
    return Person(secret, found) if found else None


def _identify(rule: Rule) -> Principal | None:
    """A bearer token counts alone: with a wrong one a cookie must not help, nor be forged."""
    if "Authorization" in request.headers:
        return _bearer(rule)
    display_hash = session.get("display")
    as_display = display_hash is not None and "display" in request.args
    if "_user_id" in session and not as_display and current_user.is_authenticated:
        person: Principal = current_user.principal
        return person
    return identities.display(display_hash, passive=rule.passive) if display_hash else None


def _bearer(rule: Rule) -> Principal:
    given = request.authorization
    found = None
    if given is not None and given.type == "bearer" and given.token:
        found = identities.token(given.token, passive=rule.passive)
    if found is None:
        raise Problem(
            401,
            "unauthorized",
            "The token is not valid",
            "Send Authorization: Bearer followed by a token that has not been revoked.",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    return found


def nobody() -> Problem:
    """401: who calls is not known."""
    return Problem(
        401,
        "unauthorized",
        "Sign in first",
        "Sign in, or send Authorization: Bearer followed by a token.",
        headers={"WWW-Authenticate": "Bearer"},
    )
