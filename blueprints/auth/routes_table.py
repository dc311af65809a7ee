"""The table of every route and who may call it, written into docs/security.md from the app."""

import sys
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_limiter.util import get_qualified_name
from werkzeug.routing import Rule as Route

from blueprints.auth.guard import UNSAFE_METHODS
from blueprints.auth.rules import Rule, rule_of
from extensions import limiter

DOCUMENT = Path("docs/security.md")
BEGIN = "<!-- routes: written by `flask routes-table --write` -->"
END = "<!-- end of routes -->"
HEADER = "| route | people | tokens | displays | also checked |\n| --- | --- | --- | --- | --- |"


def table(app: Flask) -> str:
    """The table in Markdown. Raises LookupError naming every route without a rule."""
    routes = sorted(app.url_map.iter_rules(), key=lambda route: (route.rule, _methods(route)))
    ruled = [(route, rule) for route in routes if (rule := rule_of(route.endpoint))]
    bare = [f"{_methods(route)} {route.rule}" for route in routes if not rule_of(route.endpoint)]
    if bare:
        raise LookupError(f"No @requires or @public on: {', '.join(bare)}")
    return "\n".join([HEADER, *(_row(route, rule) for route, rule in ruled)])


def in_document(document: str, rows: str) -> str:
    """The document with the table between its marks replaced."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{rows}\n{END}{after}"


def _row(route: Route, rule: Rule) -> str:
    name = f"`{_methods(route)} {route.rule}`"
    if rule.public:
        return f"| {name} | everyone | everyone | everyone | {_checks(route, rule)} |"
    people = f"{rule.role}s" + (" and operators" if rule.role == "viewer" else "")
    cells = (
        people if rule.role else "–",
        " or ".join(f"`{scope}`" for scope in rule.scopes) or "–",
        "yes" if rule.display else "–",
        _checks(route, rule),
    )
    return f"| {name} | {' | '.join(cells)} |"


def _checks(route: Route, rule: Rule) -> str:
    unsafe = UNSAFE_METHODS & (route.methods or set())
    checks = []
    if unsafe and (rule.csrf or rule.role or rule.display):
        checks.append("CSRF token" if rule.csrf else "CSRF token of people")
    if rule.open_if:
        checks.append(f"open to everyone if `{rule.open_if.upper()}`")
    if rule.passive:
        checks.append("does not keep a sign-in alive")
    checks.extend(_limits(route))
    return ", ".join(checks) or "–"


def _limits(route: Route) -> list[str]:
    name = get_qualified_name(current_app.view_functions[route.endpoint])
    limits = limiter.limit_manager.decorated_limits(name)
    return [f"at most {limit.limit} from one address" for limit in limits]


def _methods(route: Route) -> str:
    methods = route.methods or set()
    return ", ".join(sorted(methods - {"HEAD", "OPTIONS"}) or sorted(methods))


@click.command("routes-table")
@click.option("--write", is_flag=True, help=f"Rewrite the table in {DOCUMENT}.")
@with_appcontext
def routes_table(write: bool) -> None:
    """Print who may call every route, or write it into the docs."""
    try:
        rows = table(current_app)
    except LookupError as error:
        sys.exit(str(error))
    if not write:
        click.echo(rows)
        return
    document = Path(current_app.root_path) / DOCUMENT
    document.write_text(in_document(document.read_text(), rows))
