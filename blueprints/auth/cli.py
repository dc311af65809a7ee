"""`flask users`, `flask tokens`, `flask displays`: who may, from the command line."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Blueprint
from flask.cli import AppGroup

import shop
from blueprints.auth import service
from blueprints.auth.passwords import MIN_LENGTH
from blueprints.auth.principals import ROLES, SCOPES
from blueprints.auth.routes_table import routes_table

LOCAL_OPERATOR = "ops@flashboard.local"

users = AppGroup("users", help="People who sign in.")
tokens = AppGroup("tokens", help="Tokens of programs.")
displays = AppGroup("displays", help="Links for screens on a wall.")


def add_to(bp: Blueprint) -> None:
    """Put the commands on the top level."""
    for command in (users, tokens, displays, routes_table):
        bp.cli.add_command(command)


def says_why(command: Callable[..., Any]) -> Callable[..., Any]:
    """End with the reason and exit code 1 when the service refuses."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except service.Refused as refusal:
            raise click.ClickException(str(refusal)) from None

    return run


password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@users.command("add")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True)
@password_stdin
@says_why
def add_user(email: str, role: str, password_stdin: bool) -> None:
    """Add a person who signs in with EMAIL and a password."""
    service.add_user(email, _password(password_stdin), role)
    click.echo(f"Added {email}, {role}.")


@users.command("link")
@click.argument("email", required=False)
@says_why
def link(email: str | None) -> None:
    """Print a link that signs EMAIL in once, within minutes; without EMAIL a local operator."""
    user = service.get_user(email) if email else service.find_user(LOCAL_OPERATOR)
    user = user or service.add_user(LOCAL_OPERATOR, None, "operator")
    secret = service.create_link(user, shop.now())
    click.echo(f"Signs in {user.email} once, within {service.LINK_MINUTES} minutes:")
    click.echo(f"{_site()}/login?token={secret}")


@users.command("password")
@click.argument("email")
@password_stdin
@says_why
def set_password(email: str, password_stdin: bool) -> None:
    """Change the password of EMAIL; every sign-in made before ends."""
    service.get_user(email)
    service.set_password(email, _password(password_stdin))
    click.echo(f"Changed. {email} is signed out everywhere.")


@users.command("remove")
@click.argument("email")
@says_why
def remove_user(email: str) -> None:
    """Remove EMAIL; every sign-in ends."""
    service.remove_user(email)
    click.echo(f"Removed {email}.")


@users.command("list")
def list_users() -> None:
    """List people and how they sign in."""
    for user in service.list_users():
        how = "password or link" if user.password_hash else "link only"
        click.echo(f"{user.email}  {user.role}  {how}")


@users.command("ensure-admin")
@says_why
def ensure_admin() -> None:
    """At release: the operator ADMIN_EMAIL with ADMIN_PASSWORD, unless there is one already."""
    settings = shop.settings()
    password = settings.admin_password.get_secret_value() if settings.admin_password else None
    if not settings.admin_email and password is None:
        return
    if not settings.admin_email or password is None:
        raise click.ClickException("Set both ADMIN_EMAIL and ADMIN_PASSWORD, or neither.")
    if service.find_user(settings.admin_email):
        click.echo(f"{settings.admin_email} is there already; the password stays as it is.")
        return
    service.add_user(settings.admin_email, password, "operator", actor="release")
    click.echo(f"Added {settings.admin_email}, operator.")


@tokens.command("create")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help=f"Of {', '.join(SCOPES)}.")
@click.argument("more_scopes", nargs=-1, metavar="[SCOPE]...")
@says_why
def create_token(name: str, scopes: tuple[str, ...], more_scopes: tuple[str, ...]) -> None:
    """Create the token NAME and print it, this once, on the last line."""
    given = " ".join((*scopes, *more_scopes)).replace(",", " ").split()
    secret = service.create_token(name, given)
    click.echo("Keep it: only its hash is stored.", err=True)
    click.echo(secret)


@tokens.command("revoke")
@click.argument("name")
@says_why
def revoke_token(name: str) -> None:
    """Revoke the token NAME; its requests end within 5 seconds, its streams within 15."""
    service.revoke_token(name, shop.now())
    click.echo(f"Revoked {name}.")


@tokens.command("list")
def list_tokens() -> None:
    """List tokens, what they may and when they were last used."""
    for token in service.list_tokens():
        used = f"last used {shop.iso(token.last_used_at)}" if token.last_used_at else "never used"
        state = f"revoked {shop.iso(token.revoked_at)}" if token.revoked_at else used
        click.echo(f"{token.name}  {token.prefix}…  {' '.join(token.scopes)}  {state}")


@displays.command("create")
@click.argument("name")
@says_why
def create_display(name: str) -> None:
    """Create the display NAME and print its link, this once, on the last line."""
    secret = service.create_display(name)
    click.echo("Keep it: only its hash is stored.", err=True)
    click.echo(f"{_site()}/display/{secret}")


@displays.command("revoke")
@click.argument("name")
@says_why
def revoke_display(name: str) -> None:
    """Revoke the link of the display NAME; its screen stops within 15 seconds."""
    service.revoke_display(name, shop.now())
    click.echo(f"Revoked {name}.")


@displays.command("list")
def list_displays() -> None:
    """List displays."""
    for display in service.list_displays():
        state = f"revoked {shop.iso(display.revoked_at)}" if display.revoked_at else "in use"
        click.echo(f"{display.name}  created {shop.iso(display.created_at)}  {state}")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    found: str = click.prompt(
        f"Password ({MIN_LENGTH} characters or more)", hide_input=True, confirmation_prompt=True
    )
    return found


def _site() -> str:
    """Where a browser reaches us: PUBLIC_URL, or the server `make run` starts on this machine."""
    return shop.settings().public_url.rstrip("/") or (
        f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
    )
