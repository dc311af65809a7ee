"""What a route says of who may call it: `@requires(...)` or `@public`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from flask import current_app, request

from blueprints.auth.principals import ROLES, SCOPES, Role

View = TypeVar("View", bound=Callable[..., Any])


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


def rule_here() -> Rule | None:
    """The rule of the route this request is for."""
    return rule_of(request.endpoint) if request.endpoint else None
