"""What every answer tells the browser: where scripts may come from, who may frame us."""

import secrets

from flask import Flask, Response, g, request

HSTS_SECONDS = 365 * 24 * 3600
PAGE_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; font-src 'self'; media-src 'self' data:; manifest-src 'self'; "
    "worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Of JSON, files and streams nothing is ever to be run or framed, whatever a browser makes of them.
OTHER_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def init_app(app: Flask) -> None:
    """Set them on every answer, errors and streams included."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_secure)


def csp_nonce() -> str:
    """The nonce that lets the page's own inline scripts run; the same for one answer."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _secure(response: Response) -> Response:
    """A view that set one of these has its reasons: only what is missing is added."""
    headers = response.headers
    is_page = response.mimetype == "text/html"
    policy = PAGE_POLICY.format(nonce=csp_nonce()) if is_page else OTHER_POLICY
    headers.setdefault("Content-Security-Policy", policy)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    # Not even our own servers' logs should get a link with a secret in it.
    referrer = "no-referrer" if _secret_in_address() else "same-origin"
    headers.setdefault("Referrer-Policy", referrer)
    headers.setdefault("Permissions-Policy", PERMISSIONS)
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if "Access-Control-Allow-Origin" not in headers:
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_SECONDS}")
    if g.get("principal") or _secret_in_address():
        # After signing out, the back button must not show the shop's numbers.
        headers.setdefault("Cache-Control", "no-store")
    return response


def _secret_in_address() -> bool:
    return request.path.startswith("/display/") or "token" in request.args
