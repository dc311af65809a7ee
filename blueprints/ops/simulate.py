"""`flask simulate`: a sale through the real HTTP API, to watch on the board."""

import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import NoReturn

import click
from flask.cli import with_appcontext

import shop
from blueprints.auth import service as auth
from blueprints.ops.http_client import Caller, Target
from blueprints.ops.rehearsal import SCOPES, is_sample_shop
from blueprints.ops.sale import Impossible, Plan, Sale, Tally, percentile
from blueprints.ops.scenarios import SCENARIOS

BAR = 30
REDRAW_SECONDS = 0.2


@click.command("simulate")
@click.option(
    "--orders-per-second", type=click.FloatRange(0.1, 2_000), default=20, show_default=True
)
@click.option("--seconds", type=click.FloatRange(1, 3_600), default=30, show_default=True)
@click.option("--url", help="Where Flashboard runs; http://127.0.0.1:$PORT (8000) by default.")
@click.option("--token", envvar="FLASHBOARD_TOKEN", help="Of a server on another database.")
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="steady", show_default=True)
@click.option("--force", is_flag=True, help="Also in a shop of your own: these are real orders.")
@with_appcontext
def simulate(
    orders_per_second: float,
    seconds: float,
    url: str | None,
    token: str | None,
    scenario: str,
    force: bool,
) -> None:
    """Sell to made-up buyers through the HTTP API of the running server.

    \b
    steady   evenly, a few favourites among all products
    flash    most buyers come when the doors open
    bots     resellers' programs go for one product
    restock  as steady; in the middle the favourites are restocked

    Exit code 1 if any answer was neither an order nor a refusal.
    """
    at = url or _default_url()
    _must_answer(at)
    if not force and not is_sample_shop():
        raise click.ClickException(
            "This is no sample shop: the orders would be real ones. --force if you mean it."
        )
    plan = Plan(orders_per_second, seconds, SCENARIOS[scenario])
    with _token(token) as given:
        sale = Sale(Target(at, given, None if url else _default_host()), plan)
        tally = _run(sale)
    click.echo(summary(tally))
    for reason, count in tally.errors.most_common(5):
        click.echo(f"  {count} × {reason}", err=True)
    sys.exit(1 if tally.errors else 0)


def _must_answer(url: str) -> None:
    """First of all: without a server it does not matter whose shop this would be."""
    caller = Caller(Target(url, ""))
    try:
        caller.ask("GET", "/healthz")
    except OSError as error:
        if isinstance(error.__cause__, ConnectionRefusedError):
            message = f"No Flashboard at {url}: start it with make run"
        else:
            message = f"Nothing answers at {url}: {error}"
        raise click.ClickException(message) from None
    finally:
        caller.close()


def _run(sale: Sale) -> Tally:
    """Run it in a thread of its own, so that Ctrl-C ends it in order."""
    try:
        sale.prepare()
    except Impossible as error:
        raise click.ClickException(str(error)) from None
    signal.signal(signal.SIGTERM, _interrupt)
    thread = Thread(target=sale.run, daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(REDRAW_SECONDS)
            _draw(sale)
    except KeyboardInterrupt:
        sale.stop()
        thread.join(15)
    if sys.stderr.isatty():
        click.echo(err=True)
    return sale.tally


def _interrupt(number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _draw(sale: Sale) -> None:
    if not sys.stderr.isatty():
        return
    tally = sale.tally
    done = len(tally.answers) / sale.plan.orders
    bar = "█" * round(done * BAR)
    counts = f"{tally.accepted} accepted, {tally.refused} refused, {tally.errors.total()} errors"
    click.echo(f"\r{bar:░<{BAR}} {done:4.0%}  {counts} ", nl=False, err=True)


def summary(tally: Tally) -> str:
    """The closing line."""
    tried = len(tally.answers)
    pace = tried / tally.seconds if tally.seconds else 0.0
    parts = [
        f"{tally.accepted} accepted, {tally.refused} refused, {tally.errors.total()} errors",
        f"{tried} orders in {tally.seconds:.1f} s ({pace:.1f}/s)",
        f"answer p50 {_ms(tally.answers, 0.5)}, p99 {_ms(tally.answers, 0.99)}",
    ]
    if tally.on_screen:
        parts.append(f"screen p50 {_ms(tally.on_screen, 0.5)}, p99 {_ms(tally.on_screen, 0.99)}")
    return " · ".join(parts)


def _ms(times: list[float], share: float) -> str:
    found = percentile(times, share)
    return "–" if found is None else f"{found * 1000:.0f} ms"


@contextmanager
def _token(given: str | None) -> Iterator[str]:
    """The token given, else one of our own that is revoked at the end."""
    if given:
        yield given
        return
    name = f"simulate {time.strftime('%Y-%m-%d %H:%M:%S')} {secrets.token_hex(2)}"
    secret = auth.create_token(name, SCOPES)
    try:
        yield secret
    finally:
        auth.revoke_token(name, shop.now())


def _default_url() -> str:
    return f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"


def _default_host() -> str | None:
    """The name to ask for where the server answers only to some."""
    return next((name for name in shop.settings().hosts or () if not name.startswith(".")), None)
