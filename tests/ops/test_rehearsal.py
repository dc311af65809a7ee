"""POST /api/rehearsal: an operator sees a short sale on the sample shop, one at a time."""

import pytest
from sqlalchemy import func, select

import extensions
from blueprints.auth.service import create_token, list_tokens
from blueprints.inventory.models import Product
from blueprints.ops import rehearsal
from blueprints.ops.http_client import Target
from blueprints.ops.sale import Plan, Sale
from blueprints.ops.scenarios import SCENARIOS
from blueprints.orders.models import Order
from extensions import db
from tests.sse import connect


@pytest.fixture
def rehearse(site):
    """Asks for one as somebody; their answer."""
    return lambda person: site.post("/api/rehearsal", {}, headers=person.headers)


def test_orders_come_through_the_api_one_rehearsal_at_a_time(live, sample_shop, operator, token):
    # A server of its own: what is under way ends with it.
    server = live()
    with connect(server.url, token("stream:read"), channels="orders") as stream:
        assert stream.next().event == "init"
        answer = server.post("/api/rehearsal", {}, headers=operator.headers)
        assert answer.status == 202
        assert answer.json == {"ordersPerSecond": 5, "seconds": 40}
        assert stream.until("orders").data["type"] == "new_order"
    again = server.post("/api/rehearsal", {}, headers=operator.headers)
    assert (again.status, again.json["type"].rsplit("/")[-1]) == (409, "rehearsal-running")


def test_asked_again_under_the_same_key_it_is_the_same_one(live, sample_shop, operator):
    server = live()
    headers = {**operator.headers, "Idempotency-Key": "evening"}
    first, again = (server.post("/api/rehearsal", {}, headers=headers) for _ in range(2))
    assert (first.status, again.status) == (202, 202)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"


def test_at_its_end_another_can_begin_and_its_token_is_revoked(app, site, sample_shop):
    extensions.redis.commands.set(rehearsal.RUNNING, "somebody")
    with app.app_context():
        before = orders()
        secret = create_token("rehearsal", rehearsal.SCOPES)
    plan = Plan(per_second=20, seconds=0.5, scenario=SCENARIOS["restock"])
    rehearsal.rehearse(app, Sale(Target(site.url, secret), plan), "rehearsal")
    assert not extensions.redis.commands.exists(rehearsal.RUNNING)
    with app.app_context():
        assert orders() > before
        assert [each.revoked_at is None for each in list_tokens() if each.name == "rehearsal"] == [
            False
        ]


def orders():
    return db.session.scalar(select(func.count()).select_from(Order))


def test_a_shop_of_its_own_gets_none(app, operator, rehearse):
    with app.app_context():
        db.session.add(Product(sku="A-1", name="Mug", price=100, stock=100))
        db.session.commit()
    answer = rehearse(operator)
    assert (answer.status, answer.json["type"].rsplit("/")[-1]) == (409, "no-sample-shop")


def test_only_an_operator_may(site, sample_shop, viewer, stranger, token, rehearse):
    assert rehearse(viewer).status == 403
    assert rehearse(stranger).status == 401
    every = token("orders:write", "products:write", "stream:read", "metrics:write", "ops:read")
    assert site.post("/api/rehearsal", {}, token=every).status == 403
    assert not extensions.redis.commands.exists(rehearsal.RUNNING)


def test_the_page_of_an_operator_has_the_button_on_a_sample_shop_only(
    app, site, operator, viewer, runner
):
    def page(person):
        return site.get("/", headers={**person.headers, "Accept": "text/html"}).body

    assert b'id="rehearse"' not in page(operator)
    runner.invoke(args=["catalog", "sample"])
    assert b'id="rehearse"' in page(operator)
    assert b'id="rehearse"' not in page(viewer)
    assert b"Sample shop" in page(viewer)
