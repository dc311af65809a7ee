"""The moving picture of a sale: a product runs low and is paused; what is refused is counted."""

import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from PIL import Image

from tests.browser.steps import STOCK, Till

VIEW = {"width": 1440, "height": 1060}
WIDTH = 1000  # As wide as GitHub shows it.
SECONDS_A_FRAME = 0.3
LAST_FRAME_SECONDS = 3
ENOUGH = 60
STAR_BEGINS_WITH = 19
STAR_EVERY = 3  # Each so manyth order is for the product the picture is about.
ORDERS_PER_SECOND = 5
PAUSED_AT = 4
REFUSED = 6


class Film:
    """Frames of a page, one each moment."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._frames: list[Image.Image] = []

    def roll_until(self, done: Any, at_most: int = 60) -> None:
        """Take frames until something is so."""
        for _ in range(at_most):
            began = time.monotonic()
            self.take()
            if done():
                return
            time.sleep(max(0, began + SECONDS_A_FRAME - time.monotonic()))
        raise AssertionError("the scene did not come to its end")

    def roll(self, frames: int) -> None:
        """Take so many frames."""
        taken = iter(range(1, frames + 1))
        self.roll_until(lambda: next(taken) == frames)

    def take(self) -> None:
        """Take one."""
        frame = Image.open(io.BytesIO(self._page.screenshot()))
        height = round(frame.height * WIDTH / frame.width)
        self._frames.append(frame.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS))

    def write(self, path: Path) -> None:
        """As an animated WebP that runs for ever, and rests at its end."""
        first, *others = self._frames
        pace = [round(SECONDS_A_FRAME * 1000)] * len(others)
        durations = [*pace, LAST_FRAME_SECONDS * 1000]
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=durations,
            loop=0,
            quality=60,
            method=6,
        )


def shoot(page: Any, till: Till, customers: list[str], path: Path) -> None:
    """The whole scene, on an operator's live board."""
    star = _well_stocked(till)
    page.wait_for_timeout(2000)  # Until what was brought up for the scene has come to rest.
    film = Film(page)
    film.roll(3)
    row = page.locator(f"{STOCK} tr[data-id='{star['id']}']")
    with _sale(till, star, customers):
        film.roll_until(lambda: row.count() and _number(row, "remaining") <= PAUSED_AT)
        row.get_by_role("button", name="Pause").click()
        film.roll_until(lambda: _number(row, "refused") >= REFUSED)
    film.roll(2)
    film.write(path)


def _number(row: Any, field: str) -> int:
    text = row.locator(f"[data-field={field}]").inner_text()
    return int("".join(filter(str.isdigit, text)) or 0)


def _well_stocked(till: Till) -> Any:
    """Plenty of everything, but for the star; which is given."""
    products = till.products()
    star = next(each for each in products if "Trail Shoe" in each["name"])
    for each in products:
        if each["remaining"] < ENOUGH and each["id"] != star["id"]:
            till.act(f"/api/products/{each['id']}/restock", quantity=ENOUGH)
    left = star["remaining"]
    if left > STAR_BEGINS_WITH:
        till.sell(star, left - STAR_BEGINS_WITH)
    elif left < STAR_BEGINS_WITH:
        till.act(f"/api/products/{star['id']}/restock", quantity=STAR_BEGINS_WITH - left)
    return star


@contextmanager
def _sale(till: Till, star: Any, customers: list[str]) -> Iterator[None]:
    """Orders of the star and of all else, one after the other."""
    over = Event()
    others = [each for each in till.products() if each["id"] != star["id"]]

    def sell() -> None:
        number = 0
        while not over.wait(1 / ORDERS_PER_SECOND):
            number += 1
            product = others[number % len(others)] if number % STAR_EVERY else star
            line = {"productId": product["id"], "quantity": 1}
            customer = customers[number % len(customers)]
            till.try_to_sell({"customer": customer, "items": [line]})

    seller = Thread(target=sell, daemon=True)
    seller.start()
    yield
    over.set()
    seller.join()
