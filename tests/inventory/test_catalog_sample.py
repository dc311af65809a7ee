"""`flask catalog sample` and `clear-sample`: a shop that lives at the first glance, and its end."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

import shop
from blueprints import stream
from blueprints.alerts.models import Alert
from blueprints.inventory.models import Product, Refusal
from blueprints.inventory.sample_history import sales
from blueprints.orders.models import Order, OrderLine
from extensions import db

NOON = datetime(2026, 3, 11, 12, 34, 56, tzinfo=UTC)


@pytest.fixture
def noon(monkeypatch):
    """It is 12:34:56."""
    monkeypatch.setattr(shop, "now", lambda: NOON)


@pytest.fixture
def sampled(noon, app, runner):
    """A shop with the sample in it, inside an app context."""
    done = runner.invoke(args=["catalog", "sample"])
    assert done.exit_code == 0, done.output
    with app.app_context():
        yield done.output


def test_it_is_a_small_shop_in_every_state(sampled):
    products = db.session.scalars(select(Product)).all()
    assert len(products) == 48
    assert all(product.sample for product in products)
    levels = [product.level for product in products]
    assert levels.count("sold_out") == 1
    assert levels.count("critical") == 2
    assert levels.count("low") >= 3
    assert [product.paused_by for product in products if product.paused] == ["ana"]
    assert sum(5 <= product.stock <= 15 for product in products) >= 6


def test_yesterday_is_whole_and_today_goes_up_to_now(sampled):
    assert 500 < count_of(NOON.date() - timedelta(days=1)) < 800
    assert 150 < count_of(NOON.date()) < 500
    latest = db.session.scalar(select(func.max(Order.placed_at)))
    assert latest is not None
    assert latest < NOON
    assert "48 products" in sampled


def test_every_order_adds_up(sampled):
    lines = (
        select(
            OrderLine.order_id,
            func.sum(OrderLine.price * OrderLine.quantity).label("total"),
            func.sum(OrderLine.quantity).label("units"),
        )
        .group_by(OrderLine.order_id)
        .subquery()
    )
    orders = db.session.execute(
        select(Order.total, Order.units, lines.c.total, lines.c.units).outerjoin(
            lines, lines.c.order_id == Order.id
        )
    )
    assert all(
        (total, units) == (of_lines, in_lines) for total, units, of_lines, in_lines in orders
    )


def test_ids_grow_with_time(sampled):
    moments = db.session.scalars(select(Order.placed_at).order_by(Order.id)).all()
    assert all(before <= after for before, after in itertools.pairwise(moments))


def test_nothing_is_sold_of_what_is_sold_out_or_paused(sampled):
    for sku, minutes in (("COOK-STOVE-GAS", 47), ("FLEECE-GRID-M", 140)):
        latest = db.session.scalar(
            select(func.max(Order.placed_at)).join(OrderLine).where(OrderLine.sku == sku)
        )
        assert latest is not None
        assert latest < NOON - timedelta(minutes=minutes)


def test_three_alerts_in_three_states(sampled):
    alerts = db.session.scalars(select(Alert)).all()
    states = {(alert.acknowledged_at is None, alert.resolved_at is None) for alert in alerts}
    assert len(alerts) == 3
    assert states == {(True, True), (False, True), (False, False)}


def test_the_board_is_right_at_once(sampled):
    assert stream.differences() == []
    board = stream.snapshot()
    assert len(board["recentOrders"]) == 10
    assert len(board["alerts"]) == 3
    assert board["ordersRefusedToday"] == 4


def test_it_is_the_same_every_time(app, runner, noon):
    def everything():
        runner.invoke(args=["catalog", "sample"])
        with app.app_context():
            return db.session.execute(
                select(Order.customer, Order.total, Order.placed_at).order_by(Order.id)
            ).all()

    first = everything()
    runner.invoke(args=["catalog", "clear-sample"])
    assert everything() == first


def test_a_second_time_it_does_nothing(sampled, runner):
    assert "is there already" in runner.invoke(args=["catalog", "sample"]).output
    assert db.session.scalar(select(func.count()).select_from(Product)) == 48


def test_tried_again_the_next_morning_it_has_both_days(sampled, runner, monkeypatch):
    stock = db.session.scalars(select(Product.stock).order_by(Product.id)).all()
    morning = NOON + timedelta(hours=21)
    monkeypatch.setattr(shop, "now", lambda: morning)

    said = runner.invoke(args=["catalog", "sample"]).output

    assert "made up for the time since" in said
    assert 500 < count_of(NOON.date()) < 800
    assert 50 < count_of(morning.date()) < 400
    assert db.session.scalars(select(Product.stock).order_by(Product.id)).all() == stock
    of_sold_out = select(func.max(Order.placed_at)).join(OrderLine)
    latest = db.session.scalar(of_sold_out.where(OrderLine.sku == "COOK-STOVE-GAS"))
    assert latest is not None
    assert latest < NOON
    board = stream.snapshot()
    compared = board["compare"]["orders"]
    assert compared > 50
    assert 0 < abs(board["ordersToday"] - compared) < compared / 2
    assert stream.differences() == []
    again = runner.invoke(args=["catalog", "sample"]).output
    assert again == "The sample shop is there already.\n"


def count_of(day):
    return db.session.scalar(select(func.count()).where(Order.day == day))


def test_tried_again_a_week_later_only_the_last_two_days_are_made_up(sampled, runner, monkeypatch):
    later = NOON + timedelta(days=7)
    monkeypatch.setattr(shop, "now", lambda: later)

    runner.invoke(args=["catalog", "sample"])

    days = [NOON.date() + timedelta(days=number) for number in range(8)]
    assert [count_of(day) > 0 for day in days] == [True, *[False] * 5, True, True]


def test_a_shop_with_products_of_its_own_gets_no_sample(app, runner):
    with app.app_context():
        db.session.add(Product(sku="A-1", name="Mug", price=100, stock=1))
        db.session.commit()
    done = runner.invoke(args=["catalog", "sample"])
    assert (done.exit_code, "no sample needed" in done.output) == (0, True)
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Product)) == 1


def test_clearing_leaves_what_is_the_shops_own(sampled, runner):
    own = Product(sku="A-1", name="Mug", price=100, stock=1)
    db.session.add(own)
    db.session.flush()
    order = Order(
        customer="Own", total=100, units=1, day=NOON.date(), placed_at=NOON, version=1,
        lines=[OrderLine(product_id=own.id, sku="A-1", name="Mug", quantity=1, price=100)],
    )  # fmt: skip
    db.session.add(order)
    db.session.add(Alert(severity="info", kind="custom", message="Own"))
    db.session.add(Refusal(day=NOON.date(), units={str(own.id): 1}))
    db.session.commit()
    done = runner.invoke(args=["catalog", "clear-sample"])
    assert "Removed 48 products" in done.output
    assert db.session.scalars(select(Product.sku)).all() == ["A-1"]
    assert db.session.scalars(select(Order.customer)).all() == ["Own"]
    assert db.session.scalars(select(Alert.message)).all() == ["Own"]
    assert db.session.scalar(select(func.count()).select_from(Refusal)) == 1
    assert stream.differences() == []
    assert "no sample product" in runner.invoke(args=["catalog", "clear-sample"]).output


@pytest.mark.faults
def test_it_works_while_redis_is_away(own_servers, settings_of_tests):
    servers = own_servers()
    servers.redis.stop()
    output = servers.flask("catalog", "sample", SECRET_KEY=settings_of_tests["SECRET_KEY"])
    assert "A sample shop: 48 products" in output


@pytest.mark.parametrize("hours", [23, 25])
def test_a_day_of_another_length_is_filled(hours):
    begin = datetime(2026, 3, 29, tzinfo=UTC)
    found = list(sales(begin, begin + timedelta(hours=hours), "seed", [None] * 5))
    assert found[-1].placed_at > begin + timedelta(hours=hours - 1)


def test_what_was_sold_at_noon_was_sold_too_when_asked_in_the_evening():
    begin = datetime(2026, 3, 11, tzinfo=UTC)
    noon = list(sales(begin, begin + timedelta(hours=12, seconds=7), "seed", [None] * 5))
    evening = list(sales(begin, begin + timedelta(hours=20), "seed", [None] * 5))
    assert evening[: len(noon)] == noon
