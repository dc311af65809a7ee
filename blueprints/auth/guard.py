"""The check before every view: whether its rule lets the caller in, and the page was ours."""

from urllib.parse import quote

from flask import Flask, Response, g, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect

import shop
from blueprints.auth import identities, pace
from blueprints.auth.principals import Principal
from blueprints.auth.requires import login_manager, nobody, principal_or_none, renew_display
from blueprints.auth.rules import Rule, rule_here
from problems import Problem, answer

UNSAFE_METHODS = {"POST", "PUT", "PATCH", "DELETE"}
csrf = CSRFProtect()


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


def _check() -> Response | None:
    """Answer instead of the view when its rule does not let the caller in."""
    if request.url_rule is None or _answered_by_flask():
        return None
    rule = rule_here()
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
        renew_display()
    if request.method in UNSAFE_METHODS:
        if found.kind != "token":
            csrf.protect()
        pace.count(found)
    return None


def _answered_by_flask() -> bool:
    automatic = getattr(request.url_rule, "provide_automatic_options", False)
    return request.method == "OPTIONS" and bool(automatic)


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


def _sign_in_first(rule: Rule) -> Response:
    if not rule.page:
        raise nobody()
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
