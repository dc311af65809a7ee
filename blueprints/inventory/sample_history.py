"""Orders a sample shop might have had: by seed always the same, on a believable daily curve."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

ORDERS_A_DAY = 640
CANCELLED_SHARE = 0.02
# Share of the day's orders by hour of the shop's clock: a low night, lunch, a peak in the evening.
CURVE = (
    18, 14, 12, 11, 11, 13, 18, 26, 34, 40, 44, 48,
    56, 52, 46, 44, 46, 52, 62, 74, 82, 76, 54, 32,
)  # fmt: skip
LINES = ((1, 70), (2, 22), (3, 8))
UNITS = ((1, 82), (2, 14), (3, 4))

# fmt: off
GIVEN = (
    "Amara", "Anika", "Bao", "Beatriz", "Carmen", "Chidi", "Dilnoza", "Elif", "Emeka", "Farah",
    "Finn", "Giulia", "Hana", "Ibrahim", "Ingrid", "Isla", "Jamal", "Jonas", "Kofi", "Lars",
    "Leilani", "Lucía", "Maja", "Marek", "Mei", "Naoko", "Nikhil", "Olu", "Paloma", "Pilar",
    "Priya", "Ravi", "Rosa", "Samir", "Siobhán", "Sunniva", "Tane", "Thandiwe", "Tomasz", "Uma",
    "Vera", "Wren", "Yara", "Yusuf", "Zofia", "Χρύσα", "Олена", "美咲",
)
FAMILY = (
    "Abara", "Ahlgren", "Almeida", "Bakshi", "Bergström", "Byrne", "Castellano", "Chaudhry",
    "Delacroix-Ngo", "Dvořák", "Eriksen", "Fofanah", "García Peña", "Grünwald", "Haddad", "Hakimov",
    "Ishikawa", "Jansen", "Kaplan", "Kowalczyk", "Lindqvist", "MacRae", "Mwangi", "Nguyễn",
    "O'Dwyer", "Okonjo", "Parata", "Quispe", "Raman", "Rossetti", "Sørensen", "Tavares", "Üstün",
    "van der Meer", "Whitlock", "Xu", "Yıldız", "Zamora",
)
# fmt: on


@dataclass(frozen=True)
class Sale:
    """One order of the past: which products by their place in the catalogue, and how many."""

    placed_at: datetime
    customer: str
    units: Mapping[int, int]
    cancelled: bool


def sales(
    day_starts: datetime, until: datetime, seed: str, ends: Sequence[datetime | None]
) -> Iterator[Sale]:
    """A day's orders up to `until`, oldest first.

    `ends` says for each product when it was last sold, None for one that still is. The products
    that come first are the favourites.
    """
    chance = random.Random(seed)
    weights = [1 / (place + 4) for place in range(len(ends))]
    minute = day_starts
    while minute < until:
        expected = ORDERS_A_DAY * CURVE[_hour(minute, day_starts)] / sum(CURVE) / 60
        # Drawn whether or not the minute is over, so that the same orders come at any time of day.
        moments = sorted(chance.uniform(0, 60) for _ in range(_count(chance, expected)))
        for second in moments:
            sale = _sale(chance, minute + timedelta(seconds=round(second, 3)), weights, ends)
            if sale.units and sale.placed_at < until:
                yield sale
        minute += timedelta(minutes=1)


def _hour(minute: datetime, day_starts: datetime) -> int:
    return int((minute - day_starts).total_seconds() // 3600) % 24


def _count(chance: random.Random, expected: float) -> int:
    """How many orders a minute brings: as chance has it, without a favourite second."""
    count, product, limit = 0, chance.random(), 2.718281828459045**-expected
    while product > limit:
        count, product = count + 1, product * chance.random()
    return count


def _sale(
    chance: random.Random,
    moment: datetime,
    weights: Sequence[float],
    ends: Sequence[datetime | None],
) -> Sale:
    picked = chance.choices(range(len(ends)), weights, k=_one_of(chance, LINES))
    units = {place: _one_of(chance, UNITS) for place in picked}
    customer = f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}"
    cancelled = chance.random() < CANCELLED_SHARE
    on_sale = {place: n for place, n in units.items() if not _ended(ends[place], moment)}
    return Sale(moment, customer, on_sale, cancelled)


def _ended(end: datetime | None, moment: datetime) -> bool:
    return end is not None and moment >= end


def _one_of(chance: random.Random, weighted: Sequence[tuple[int, int]]) -> int:
    values, weights = zip(*weighted, strict=True)
    found: int = chance.choices(values, weights)[0]
    return found
