"""How made-up buyers behave: when they come, and what they want."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Basket = dict[str, Any]

FAVOURITES = 3
FAVOURITES_SHARE = 0.45
BOTS_SHARE = 0.7
GIVEN = (
    "Amara", "Bao", "Carmen", "Dilnoza", "Elif", "Finn", "Giulia", "Hana", "Ingrid", "Jamal",
    "Kofi", "Lucía", "Marek", "Naoko", "Olu", "Priya", "Rosa", "Samir", "Tane", "Yara",
)  # fmt: skip


@dataclass(frozen=True)
class Stall:
    """What is on sale: all products that can be had, and the few that most have come for."""

    products: Sequence[Basket]
    favourites: Sequence[Basket]


@dataclass(frozen=True)
class Scenario:
    """When each of the buyers comes (both as shares of the whole), and what each orders.

    `restocks` has the favourites filled up in the middle.
    """

    when: Callable[[float], float]
    order: Callable[[random.Random, Stall], Basket]
    restocks: bool = False


def stall(products: Sequence[Basket], orders: int) -> Stall:
    """Favourites are those that such a sale about sells out: there is most to see of them."""
    on_sale = [each for each in products if each["remaining"] > 0 and not each["paused"]]
    # Half as much again: orders of two, and of one thing beside a favourite.
    wanted = 1.5 * orders * FAVOURITES_SHARE / FAVOURITES
    nearest = sorted(on_sale, key=lambda each: abs(each["remaining"] - wanted))
    return Stall(on_sale, nearest[:FAVOURITES])


def _shopper(chance: random.Random, stall: Stall) -> Basket:
    """Somebody who buys one or two things."""
    lines = 1 if chance.random() < 0.8 else 2
    picked = {_pick(chance, stall)["id"] for _ in range(lines)}
    units = {id: 2 if chance.random() < 0.1 else 1 for id in picked}
    return _basket(f"{chance.choice(GIVEN)} {chance.choice('ABCDEFGHKLMNPRSTVWZ')}.", units)


def _bot_or_shopper(chance: random.Random, stall: Stall) -> Basket:
    """Mostly resellers' programs that want many of one product."""
    if chance.random() > BOTS_SHARE:
        return _shopper(chance, stall)
    units = {stall.favourites[0]["id"]: chance.randint(2, 6)}
    return _basket(f"Reseller {chance.randint(1, 5)}", units)


def _pick(chance: random.Random, stall: Stall) -> Basket:
    if chance.random() < FAVOURITES_SHARE:
        return chance.choice(stall.favourites)
    weights = [each["remaining"] for each in stall.products]
    return chance.choices(stall.products, weights)[0]


def _basket(customer: str, units: dict[str, int]) -> Basket:
    items = [{"productId": id, "quantity": count} for id, count in units.items()]
    return {"customer": customer, "items": items}


def _evenly(share: float) -> float:
    return share


def _at_the_doors(share: float) -> float:
    """Most come when the doors open."""
    return share**1.7


SCENARIOS = {
    "steady": Scenario(_evenly, _shopper),
    "flash": Scenario(_at_the_doors, _shopper),
    "bots": Scenario(_evenly, _bot_or_shopper),
    "restock": Scenario(_evenly, _shopper, restocks=True),
}
