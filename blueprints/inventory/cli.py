"""`flask catalog`: load the shop's own products, or try Flashboard on a sample shop."""

import sys
from typing import IO

import click
from flask.cli import AppGroup
from redis import RedisError

from blueprints import stream
from blueprints.inventory import catalogue, sample

SHOWN_REASONS = 20

catalog = AppGroup("catalog", help="The shop's products.")


@catalog.command("load")
@click.argument("file", type=click.File(encoding="utf-8", errors="strict"))
def load(file: IO[str]) -> None:
    """Load products from a CSV FILE with the columns sku,name,price,remaining,threshold.

    All of it or nothing. A SKU that is there gets its name, price and threshold changed; its stock
    stays, because orders may be taking it: use restock. `threshold` may be left out.
    """
    try:
        done = catalogue.load(catalogue.read(file))
    except catalogue.Unreadable as error:
        shown = [f"  {reason}" for reason in error.reasons[:SHOWN_REASONS]]
        if more := len(error.reasons) - SHOWN_REASONS:
            shown += [f"  and {more} more"] if more > 0 else []
        sys.exit("\n".join(["Nothing was loaded:", *shown]))
    click.echo(
        f"{len(done.added)} added, {len(done.changed)} changed, {len(done.unchanged)} as they were."
    )
    if done.changed or done.unchanged:
        click.echo("The stock of products that were there is as it was; restock to add to it.")


@catalog.command("sample")
def install_sample() -> None:
    """Put in a sample shop with two days of orders; nothing if there are products already.

    A sample shop whose last order is of an earlier day gets the orders since."""
    try:
        done = sample.install()
    except sample.NotEmpty:
        click.echo("The shop has products of its own: no sample needed.")
        return
    if done is None:
        _renew_sample()
        return
    _recount("the sample shop was put in")
    click.echo(f"A sample shop: {done.products} products, {done.orders} orders, 3 alerts.")


def _renew_sample() -> None:
    added = sample.renew()
    if added:
        _recount("the sample shop was brought up to today")
    since = f" {added} orders were made up for the time since its last one." if added else ""
    click.echo(f"The sample shop is there already.{since}")


@catalog.command("clear-sample")
def clear_sample() -> None:
    """Remove the sample products, every order that has one of them, and their alerts."""
    done = sample.clear()
    if not done.products:
        click.echo("There is no sample product.")
        return
    _recount("the sample shop was taken out")
    click.echo(f"Removed {done.products} products, {done.orders} orders and {done.alerts} alerts.")


def _recount(why: str) -> None:
    """The board is only a copy: with Redis away it is recounted when that is back."""
    try:
        stream.rebuild(why)
    except RedisError as error:
        click.echo(
            f"Redis is away ({type(error).__name__}): the board follows when it is back.", err=True
        )
