"""Who may call a route: the rule it declares, and the check made before every view.

A route says `@requires("orders:write", role="operator")` or `@public`; one without a rule answers
nobody, so that forgetting is safe.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload
from urllib.parse import quote

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect

import shop
from blueprints.auth import identities
from blueprints.auth.principals import ROLES, SCOPES, Principal, Role
from blueprints.auth.service import audit, hash_of
from problems import Problem, answer, not_found

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

View = TypeVar("View", bound=Callable[..., Any])
UNSAFE_METHODS = {"POST", "PUT", "PATCH", "DELETE"}
still_valid = identities.still_valid
csrf = CSRFProtect()
login_manager = LoginManager()


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a route; the fields are the arguments of `requires`."""

    scopes: tuple[str, ...] = ()
    role: Role | None = None
    display: bool = False
    page: bool = False
    passive: bool = False
    open_if: str | None = None
    public: bool = False
    csrf: bool = False  # of a public route: a form of ours posts to it


def requires(
    *scopes: str,
    role: Role | None = None,
    display: bool = False,
    page: bool = False,
    passive: bool = False,
    open_if: str | None = None,
) -> Callable[[View], View]:
    """Let in a token with one of the scopes, and a person with at least the role.

    Without scopes no token gets in, without a role no person. `display` lets display links in.
    `page` sends whoever is not signed in to the sign-in page. `passive` is for what a page calls
    by itself, such as its stream: it does not keep a sign-in alive. `open_if` names a setting that,
    when on, lets everyone in.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or role not in (None, *ROLES):
        raise ValueError(f"no such scope or role: {', '.join([*unknown, str(role)])}")
    return _marked(Rule(scopes, role, display, page, passive, open_if))


@overload
def public(view: View) -> View: ...
@overload
def public(view: None = None, *, csrf: bool = False) -> Callable[[View], View]: ...
def public(view: View | None = None, *, csrf: bool = False) -> View | Callable[[View], View]:
    """Open to everyone, on purpose. `csrf` for the target of a form."""
    mark: Callable[[View], View] = _marked(Rule(public=True, csrf=csrf))
    return mark if view is None else mark(view)


def _marked(rule: Rule) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.rule = rule  # type: ignore[attr-defined]
        return view

    return mark


def rule_of(endpoint: str) -> Rule | None:
    """The rule of a route of the running app; files under static/ are public."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return Rule(public=True)
    return getattr(current_app.view_functions.get(endpoint), "rule", None)


def current_principal() -> Principal:
    """Whoever the request is made for. Raises the 401 problem when it is nobody."""
    found = principal_or_none()
    if found is None:
        raise _nobody()
    return found


def principal_or_none() -> Principal | None:
    """Whoever the request is made for; looked up once, on a public route only if asked."""
    if "principal" not in g:
        g.principal = _identify(_rule_here() or Rule())
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
    _renew_display()
    g.principal = found
    return found


def _renew_display() -> None:
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


def init_app(app: Flask) -> None:
    """Check every request against its route's rule."""
    identities.init_app(app)
    # Addresses change on a phone; a sign-in is held by its secret alone.
    login_manager.session_protection = None
    # Not by its init_app: that reads the session after every request, so that answers to programs
    # and files would vary by cookie, and queries for every template, that of an outage included.
    app.login_manager = login_manager  # type: ignore[attr-defined]
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # checked below, by the rule
    csrf.init_app(app)
    app.register_error_handler(CSRFError, _csrf_failed)
    app.before_request(_check)
    app.context_processor(lambda: {"principal": g.get("principal")})


@login_manager.user_loader
def _load_person(secret: str) -> Person | None:
    rule = _rule_here()
    found = identities.person(secret, passive=rule is not None and rule.passive)
    return Person(secret, found) if found else None


def _rule_here() -> Rule | None:
    return rule_of(request.endpoint) if request.endpoint else None


def _check() -> Response | None:
    """Answer instead of the view when its rule does not let the caller in."""
    if request.url_rule is None or _answered_by_flask():
        return None
    rule = _rule_here()
    if rule is None:
        raise Problem(403, "no-rule", "This route has no rule", "It answers nobody until it has.")
    if rule.public:
        if rule.csrf:
            csrf.protect()
        return None
    if rule.open_if and getattr(shop.settings(), rule.open_if):
        return None
    found = principal_or_none()
    if found is None:
        return _sign_in_first(rule)
    _authorise(found, rule)
    if found.kind == "display" and rule.page:
        _renew_display()
    if found.kind != "token" and request.method in UNSAFE_METHODS:
        csrf.protect()
    return None


def _answered_by_flask() -> bool:
    automatic = getattr(request.url_rule, "provide_automatic_options", False)
    return request.method == "OPTIONS" and bool(automatic)


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


def _authorise(principal: Principal, rule: Rule) -> None:
    """Raise the 403 problem that says what is missing."""
    if principal.kind == "token":
        if not principal.scopes.intersection(rule.scopes):
            raise _token_refused(rule)
    elif principal.kind == "display":
        if not rule.display:
            raise _forbidden("A display link only shows the dashboard.")
    elif rule.role is None:
        raise _forbidden("This is for programs: use a token.")
    elif not principal.has_role(rule.role):
        raise _forbidden(f"This takes the role {rule.role}; yours is {principal.role}.")


def _token_refused(rule: Rule) -> Problem:
    if not rule.scopes:
        return _forbidden("This is for people who signed in, not for tokens.")
    needed = " or ".join(rule.scopes)
    problem = _forbidden(f"The token needs the scope {needed}.")
    scope = " ".join(rule.scopes)
    problem.headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{scope}"'
    return problem


def _forbidden(detail: str) -> Problem:
    return Problem(403, "forbidden", "Not allowed", detail)


def _nobody() -> Problem:
    return Problem(
        401,
        "unauthorized",
        "Sign in first",
        "Sign in, or send Authorization: Bearer followed by a token.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _sign_in_first(rule: Rule) -> Response:
    if not rule.page:
        raise _nobody()
    target = request.full_path.rstrip("?")
    location = url_for("auth.login")
    if request.method == "GET" and target != "/":
        location += f"?next={quote(target, safe='/')}"
    response = redirect(location)
    response.headers["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]


def _csrf_failed(error: CSRFError) -> Response:
    return answer(
        Problem(
            403,
            "csrf",
            "This page is out of date",
            f"{error.description} Load the page again, then try once more.",
        )
    )
