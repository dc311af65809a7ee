"""Pictures of the board in each of its states, for the docs: `python -m tests.browser.screenshots`.

The real server, a sample shop with a sale on it, and the machine's own Chromium.
"""

import itertools
import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser import moving_picture
from tests.browser.steps import LIVE, Till
from tests.browser.wire import Wire
from tests.live import ROOT, Live
from tests.machine import chromium
from tests.servers import Servers, throwaway_servers

FOLDER = ROOT / "docs" / "screenshots"
SECRET = {"SECRET_KEY": "for pictures only, and for nothing else"}
SHOP = {"SHOP_NAME": "Fjord & Co", "SHOP_CURRENCY": "EUR", "SHOP_TIMEZONE": "Europe/Berlin"}
SCOPES = ("orders:write", "products:write", "alerts:write", "metrics:write", "stream:read")
DESK = {"width": 1440, "height": 1000}
PHONE = {"width": 390, "height": 844}
WALL = {"width": 1920, "height": 1080}
CUSTOMERS = [
    *("Aiko Tanaka", "José Álvarez", "Zoë Martin", "Ngozi Okafor", "Lars Østergaard", "Mei Lin"),
    *("Priya Zamora", "Rosa Eriksen", "Sam O'Brien", "Uma Kaplan", "مريم حداد", "Emeka Raman"),
]


class Studio:
    """A shop, a browser, and a picture for each state."""

    def __init__(self, servers: Servers, server: Live, wire: Wire, browser: Any):
        self._servers = servers
        self._server = server
        self._wire = wire
        self._browser = browser
        scopes = [part for scope in SCOPES for part in ("--scope", scope)]
        self.till = Till(server, self._flask("tokens", "create", "till", *scopes))

    def sale(self, orders: int) -> None:
        """Some favourites and some others, in a fixed order."""
        dice = random.Random(7)
        products = self.till.products()
        favourites = [each for each in products if each["remaining"] > 9][:4]
        for number in range(orders):
            product = dice.choice(favourites if number % 3 else products)
            line = {"productId": product["id"], "quantity": dice.randint(1, 2)}
            customer = CUSTOMERS[number % len(CUSTOMERS)]
            self.till.try_to_sell({"customer": customer, "items": [line]})
        self.visit()

    def visit(self) -> None:
        """As many as a minute's limit lets one address be."""
        for visitor in range(59):
            self._server.post("/api/activity", {"visitor": f"visitor-{visitor}"})

    @contextmanager
    def page(self, path: str = "/", **options: Any) -> Iterator[Any]:
        """A live page of an operator, or of a display."""
        context = self._browser.new_context(**{"viewport": DESK, "locale": "en-GB", **options})
        page = context.new_page()
        if path.startswith("/display"):
            link = self._flask("displays", "create", f"wall {next(NUMBERS)}")
            path = "/display" + link.partition("/display")[2] + path.removeprefix("/display")
            page.goto(self._wire.url + path)
        else:
            page.goto(
                f"{self._wire.url}/login{self._flask('users', 'link').partition('/login')[2]}"
            )
        page.wait_for_selector(LIVE)
        page.wait_for_timeout(1500)
        yield page
        context.close()

    def bare(self, path: str) -> None:
        """A page that asks for no sign-in."""
        page = self._browser.new_page(viewport=DESK)
        page.goto(self._wire.url + path)
        self.shoot(page, path.strip("/"))
        page.close()

    def shoot(self, page: Any, name: str, **options: Any) -> None:
        """Take it."""
        path = FOLDER / f"{name}.png"
        page.screenshot(path=path, animations="disabled", **options)
        tell(path)

    def cut(self) -> None:
        """The link breaks."""
        self._wire.cut()

    def mend(self) -> None:
        """And is back."""
        self._wire.to = self._server.port

    def _flask(self, *command: str) -> str:
        return self._servers.flask(*command, **SECRET, **SHOP).splitlines()[-1]


NUMBERS = itertools.count(1)


def tell(path: Path) -> None:
    """Say what was taken, and how much it weighs."""
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} kB")


def empty(studio: Studio) -> None:
    """A shop that has not sold anything."""
    studio.till.product("Trail Shoe 42", 14)
    with studio.page() as page:
        studio.shoot(page, "empty")


def calm(studio: Studio) -> None:
    """The board while all is well, on a desk, a phone and a wall."""
    looks: dict[str, dict[str, Any]] = {
        "light": {"color_scheme": "light"},
        "dark": {"color_scheme": "dark"},
        "phone": {"viewport": PHONE, "has_touch": True, "is_mobile": True},
    }
    for name, options in looks.items():
        with studio.page(**options) as page:
            studio.shoot(page, name)
    with studio.page("/display?theme=dark", viewport=WALL) as page:
        studio.shoot(page, "display")
    tall = {"width": 1080, "height": 1920}
    with studio.page("/display?theme=light&hide=revenue", viewport=tall) as page:
        studio.shoot(page, "display-tall")


def acting(studio: Studio) -> None:
    """What an operator does."""
    with studio.page() as page:
        page.locator("[data-act=restock]").first.click()
        page.get_by_label("Units to add").fill("50")
        studio.shoot(page, "restock")
        page.keyboard.press("Escape")
        page.locator("[data-card='orders/recent'] tbody button").first.click()
        page.locator("dialog[open] tbody td").first.wait_for()
        studio.shoot(page, "order")
        page.keyboard.press("Escape")
        page.locator("[data-act=pause]").first.click()
        page.locator(".toast", has_text="is paused").wait_for()
        studio.shoot(page, "paused")
        page.get_by_role("button", name="Pause sale").click()
        page.get_by_role("button", name="Pause all").click()
        page.locator(".banner", has_text="Sale paused").wait_for()
        studio.till.alert("Payment provider answers slowly", "critical")
        page.locator(".toast[data-tone=critical]").wait_for()
        studio.shoot(page, "sale-paused")
        page.get_by_role("button", name="Resume the sale").click()
        page.locator(".banner").wait_for(state="detached")


def out_of_touch(studio: Studio) -> None:
    """When the numbers may be old."""
    with studio.page(color_scheme="dark") as page:
        page.keyboard.press("f")
        page.locator(".banner", has_text="Frozen").wait_for()
        studio.shoot(page, "frozen")
    for scheme in ("light", "dark"):
        with studio.page(color_scheme=scheme) as page:
            studio.cut()
            page.wait_for_selector("body.is-stale", timeout=20_000)
            page.wait_for_timeout(1100)
            studio.shoot(page, f"stale-{scheme}")
        studio.mend()


def sale(studio: Studio) -> None:
    """A product runs low and is paused in time, as a moving picture."""
    studio.visit()
    with studio.page(viewport=moving_picture.VIEW) as page:
        path = FOLDER / "sale.webp"
        moving_picture.shoot(page, studio.till, CUSTOMERS, path)
        tell(path)


def main() -> None:
    """Take all pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ.update(SECRET)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        _session(browser, [], [empty])
        _session(browser, ["catalog", "sample"], [calm, acting, out_of_touch], orders=180)
        _session(browser, ["catalog", "sample"], [sale])
        browser.close()


def _session(
    browser: Any, command: list[str], scenes: list[Callable[[Studio], None]], orders: int = 0
) -> None:
    with throwaway_servers() as servers, tempfile.TemporaryDirectory() as directory:
        servers.flask("db", "upgrade", **SECRET)
        if command:
            servers.flask(*command, **SECRET, **SHOP)
        server = Live(Path(directory), {**SECRET, **SHOP, **servers.environment}, workers=1)
        wire = Wire(server.port)
        try:
            studio = Studio(servers, server, wire, browser)
            if orders:
                studio.sale(orders)
                studio.bare("/login")
                studio.bare("/nowhere")
            for scene in scenes:
                scene(studio)
        finally:
            wire.close()
            server.kill9()


if __name__ == "__main__":
    main()
