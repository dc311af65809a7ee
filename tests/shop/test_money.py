"""Money: whole minor units inside, a JSON number in major units on the wire, nothing is lost."""

import json
from collections.abc import Iterator
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

import shop
from blueprints.inventory import schemas
from config import Settings

CURRENCIES = {"JPY": 0, "USD": 2, "KWD": 3}
AMOUNTS = st.integers(-shop.MAX_MINOR_UNITS, shop.MAX_MINOR_UNITS)


@pytest.fixture(params=CURRENCIES, scope="module")
def digits(request: pytest.FixtureRequest, migrated_app: Flask) -> Iterator[int]:
    """Digits after the point, in a shop with such a currency."""
    settings: Settings = migrated_app.config["SETTINGS"]
    with pytest.MonkeyPatch.context() as patch, migrated_app.app_context():
        other = settings.model_copy(update={"shop_currency": request.param})
        patch.setitem(migrated_app.config, "SETTINGS", other)
        yield CURRENCIES[request.param]


@given(minor=AMOUNTS)
def test_what_is_written_is_the_amount_to_the_unit(digits: int, minor: int) -> None:
    text = json.dumps(shop.amount(minor))

    assert Decimal(text) == Decimal(minor).scaleb(-digits)
    assert "e" not in text


@given(minor=AMOUNTS)
def test_what_was_written_is_read_back(digits: int, minor: int) -> None:
    wire = json.loads(json.dumps(shop.amount(minor)))

    assert shop.minor_units(Decimal(str(wire))) == minor


@given(minor=st.integers(0, shop.MAX_MINOR_UNITS - 1))
def test_a_price_survives_its_way_through_json(digits: int, minor: int) -> None:
    body = {"sku": "A", "name": "A", "price": shop.amount(minor), "remaining": 1}

    product = schemas.NewProduct.model_validate(json.loads(json.dumps(body)))

    assert product.fields()["price"] == minor


@given(minor=AMOUNTS)
def test_a_digit_too_many_is_refused_not_rounded(digits: int, minor: int) -> None:
    too_fine = Decimal(minor).scaleb(-digits) + Decimal(1).scaleb(-digits - 1)

    with pytest.raises(ValueError, match="digits"):
        shop.minor_units(too_fine)


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", "1e30", "sNaN"])
def test_what_is_no_amount_is_refused(digits: int, text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|large"):
        shop.minor_units(Decimal(text))
