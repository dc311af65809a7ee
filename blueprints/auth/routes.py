"""The sign-in page, one-time links, and signing out."""

import re

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response as BaseResponse

import shop
from blueprints.auth import attempts, identities, service
from blueprints.auth.models import User
from blueprints.auth.requires import Person, current_principal, principal_or_none, public, requires

bp = Blueprint("auth", __name__, cli_group=None)

# Programs that open a link to show what is behind it, before the person it was sent to does.
PREVIEWERS = re.compile(
    r"bot\b|crawl|spider|preview|facebookexternalhit|whatsapp|slack|discord|skype|teams|embedly"
    r"|safelinks|mimecast|proofpoint|barracuda",
    re.IGNORECASE,
)
# Browsers read a backslash as a slash and skip tabs: with either, a path can be another host.
OWN_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")
WRONG = "The e-mail address or the password is not right."
EXPIRED = "This link was used already or is too old. Make a new one, or sign in with a password."


@bp.get("/login")
@public
def login() -> BaseResponse:
    """The form; or, with a one-time link's token, straight to the dashboard."""
    if secret := request.args.get("token"):
        return _open_link(secret)
    if principal_or_none() and _is_person():
        return redirect(_next())
    return _form()


@bp.post("/login")
@public(csrf=True)
def sign_in() -> BaseResponse:
    """Sign in with a password, or with the link a previewer was shown."""
    if secret := request.form.get("token"):
        return _use_link(secret)
    email, password = request.form.get("email", ""), request.form.get("password", "")
    address = request.remote_addr or ""
    attempts.count(email.strip().lower(), address)
    user = service.verify_password(email, password)
    if user is None:
        service.record_failed_sign_in(email, address)
        current_app.logger.info("sign-in refused")
        return _form(401, error=WRONG, email=email)
    attempts.forgive(user.email, address)
    return _enter(user, "password")


@bp.post("/logout")
@requires(role="viewer")
def logout() -> BaseResponse:
    """End this browser's sign-in and its streams; other browsers stay signed in."""
    principal = current_principal()
    service.sign_out(int(principal.key.rpartition(":")[2]), shop.now(), principal.label)
    identities.memory().forget(principal.key)
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"), 303)


def _open_link(secret: str) -> BaseResponse:
    """A person's browser is signed in by opening the link. What only looks ahead (a chat's link
    preview, a browser's prefetch) gets a button, so that it does not use the link up."""
    if _looks_ahead():
        return _form(link=secret)
    return _use_link(secret)


def _use_link(secret: str) -> BaseResponse:
    user = service.use_link(secret, shop.now())
    if user is not None:
        return _enter(user, "link")
    if principal_or_none() and _is_person():
        # The same browser opened it twice, or went back to it.
        return redirect(_next())
    flash(EXPIRED, "error")
    # Away from the address with the secret, dead as it is.
    return redirect(url_for("auth.login"), 303)


def _enter(user: User, how: str) -> BaseResponse:
    """Begin a session anew: nothing of one planted before signing in goes on."""
    target = _next()
    secret = service.sign_in(user, shop.now(), how, request.remote_addr or "")
    session.clear()
    session.permanent = True
    login_user(Person(secret))
    return redirect(target, 303)


def _looks_ahead() -> bool:
    purpose = " ".join(
        request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz", "X-Purpose")
    )
    if "prefetch" in purpose or "preview" in purpose or request.method == "HEAD":
        return True
    return bool(PREVIEWERS.search(request.headers.get("User-Agent", "")))


def _is_person() -> bool:
    principal = principal_or_none()
    return principal is not None and principal.kind == "person"


def _next() -> str:
    """Where to go after signing in: a path of ours and nothing else."""
    target = request.values.get("next", "")
    path = re.split(r"[?#]", target)[0]
    return target if OWN_PATH.fullmatch(target) and path not in {"/login", "/logout"} else "/"


def _form(status: int = 200, *, error: str = "", email: str = "", link: str = "") -> Response:
    page = render_template("auth/login.html", error=error, email=email, link=link, next=_next())
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response
