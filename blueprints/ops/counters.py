"""`flask counters`: compare the live board in Redis with Postgres, and put it right."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask.cli import AppGroup
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from blueprints import stream
from problems import is_outage

counters = AppGroup("counters", help="The live board against Postgres.")


def says_what_is_away(command: Callable[..., Any]) -> Callable[..., Any]:
    """End with a sentence and exit code 2 when a server is away."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except RedisError as error:
            click.echo(f"Redis is away: {error}", err=True)
        except SQLAlchemyError as error:
            if not is_outage(error):
                raise
            click.echo("Postgres is away.", err=True)
        sys.exit(2)

    return run


@counters.command("verify")
@says_what_is_away
def verify() -> None:
    """Print what Redis and Postgres do not agree on; exit code 1 if anything."""
    try:
        found = stream.differences()
    except stream.BoardLost as lost:
        found = [f"Redis has no board ({lost})"]
    for difference in found:
        click.echo(difference)
    if found:
        click.echo(f"{len(found)} differences. `flask counters rebuild` mends them.", err=True)
        sys.exit(1)
    click.echo("Redis and Postgres agree.")


@counters.command("rebuild")
@says_what_is_away
def rebuild() -> None:
    """Recount the board from Postgres; every open dashboard gets a fresh start."""
    stream.rebuild("asked for on the command line")
    click.echo("The board was recounted from Postgres.")
