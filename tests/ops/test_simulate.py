"""`flask simulate`: real orders through the real API, and a closing line that is true."""

import re

import pytest
from sqlalchemy import func, select

from blueprints.auth.models import Token
from blueprints.inventory.models import Product
from blueprints.orders.models import Order
from extensions import db


@pytest.fixture
def simulate(runner, site):
    """Runs `flask simulate` against the live site; its exit code and all it printed."""

    def run(*options, url=None):
        arguments = ["simulate", "--orders-per-second", "40", "--seconds", "1"]
        done = runner.invoke(args=[*arguments, "--url", url or site.url, *options])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.output

    return run


def counted(output):
    """Accepted, refused, errors of the closing line."""
    found = re.search(r"(\d+) accepted, (\d+) refused, (\d+) errors", output)
    assert found, output
    return tuple(map(int, found.groups()))


def orders():
    return db.session.scalar(select(func.count()).select_from(Order))


def test_the_closing_line_counts_what_postgres_has(app, sample_shop, simulate):
    with app.app_context():
        before = orders()
    code, output = simulate()
    accepted, refused, errors = counted(output)
    assert (code, accepted + refused, errors) == (0, 40, 0)
    assert re.search(r"answer p50 \d+ ms, p99 \d+ ms · screen p50 \d+ ms, p99 \d+ ms", output)
    with app.app_context():
        assert orders() == before + accepted


@pytest.mark.parametrize("scenario", ["flash", "bots", "restock"])
def test_every_scenario_runs(sample_shop, simulate, scenario):
    code, output = simulate("--scenario", scenario)
    assert (code, sum(counted(output))) == (0, 40)


def test_bots_are_refused_when_their_product_is_gone(sample_shop, simulate):
    _code, output = simulate("--scenario", "bots")
    assert counted(output)[1] > 0


def test_restock_fills_the_favourites_up(app, sample_shop, simulate):
    with app.app_context():
        before = db.session.scalar(select(func.sum(Product.version))) or 0
    _code, output = simulate("--scenario", "restock", "--orders-per-second", "2")
    assert counted(output)[2] == 0
    with app.app_context():
        # Each order of two changes two products at most; the rest are restocks.
        assert (db.session.scalar(select(func.sum(Product.version))) or 0) >= before + 3


def test_its_token_is_revoked_at_the_end(app, sample_shop, simulate):
    simulate()
    with app.app_context():
        query = select(Token).where(Token.name.startswith("simulate"))
        (token,) = db.session.scalars(query).all()
    assert token.revoked_at is not None


def test_a_shop_of_its_own_is_left_alone(app, simulate):
    with app.app_context():
        db.session.add(Product(sku="A-1", name="Mug", price=100, stock=100))
        db.session.commit()
    code, output = simulate()
    assert (code, "no sample shop" in output) == (1, True)
    assert simulate("--force")[0] == 0


def test_nobody_answering_is_said_clearly(sample_shop, simulate):
    code, output = simulate(url="http://127.0.0.1:1")
    assert code == 1
    assert output == "Error: No Flashboard at http://127.0.0.1:1: start it with make run\n"
    assert "Traceback" not in output


def test_a_server_that_does_not_know_the_token_is_said_clearly(sample_shop, simulate):
    code, output = simulate("--token", "fb_wrong")
    assert (code, "does not know our token" in output) == (1, True)


def test_nothing_on_sale_is_said_clearly(app, sample_shop, simulate):
    with app.app_context():
        for product in db.session.scalars(select(Product)):
            product.stock = 0
        db.session.commit()
    code, output = simulate()
    assert (code, "Nothing is on sale" in output) == (1, True)
