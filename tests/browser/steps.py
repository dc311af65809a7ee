"""What people and programs do around the board."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.cast import Person
from tests.live import Live

LIVE = "#link[data-state=live]"
ORDERS = "[data-card='orders/today'] .value"
REVENUE = "[data-card='orders/revenue'] .value"
STOCK = "[data-card=inventory]"
RECENT = "[data-card='orders/recent']"
ALERTS = "[data-card=alerts]"


class Till:
    """A program that fills the catalogue, sells and publishes, by the API of a server."""

    def __init__(self, site: Live, token: str):
        self.site = site
        self._token = token
        self._made = 0

    def product(self, name: str = "Trail Shoe 42", remaining: int = 100, **more: Any) -> Any:
        """A new product."""
        self._made += 1
        body = {"sku": f"SKU-{self._made}", "name": name, "price": 12.5, "remaining": remaining}
        return self._done("/api/products", body | more, 201)

    def sell(self, product: Any, quantity: int = 1, customer: str = "Ada Lovelace") -> Any:
        """An order that is accepted."""
        line = {"productId": product["id"], "quantity": quantity}
        return self._done("/api/orders", {"customer": customer, "items": [line]}, 201)

    def sell_many(self, product: Any, orders: int, at_once: int = 8) -> None:
        """Many orders of one unit, several at a time."""
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(lambda _: self.sell(product), range(orders)))

    def try_to_sell(self, order: Any) -> bool:
        """An order that may be refused for want of stock; whether it was accepted."""
        return self.site.post("/api/orders", order, token=self._token).status == 201

    def products(self) -> Any:
        """The catalogue."""
        return self.site.get("/api/products?limit=100", token=self._token).json["items"]

    def refused(self, product: Any, quantity: int) -> None:
        """An order for more than there is."""
        line = {"productId": product["id"], "quantity": quantity}
        self._done("/api/orders", {"customer": "Bob", "items": [line]}, 409)

    def act(self, path: str, **body: Any) -> Any:
        """Restock, pause, resume, cancel…"""
        return self._done(path, body, 200)

    def alert(self, message: str, severity: str = "warning") -> Any:
        """Raise an alert."""
        return self._done("/api/alerts", {"severity": severity, "message": message}, 201)

    def publish(self, channel: str, **data: Any) -> None:
        """Publish as another service would."""
        self._done(f"/api/metrics/{channel}", data, 202)

    def metrics(self) -> Any:
        """What a dashboard must show."""
        return self.site.get("/api/metrics", token=self._token).json

    def _done(self, path: str, body: Any, status: int) -> Any:
        answer = self.site.post(path, body, token=self._token)
        assert answer.status == status, answer.body
        return answer.json


def open_board(page: Any, person: Person, url: str, path: str = "/") -> Any:
    """Open the board as somebody, and wait until it is live."""
    person.enter(page, url + path)
    page.wait_for_selector(LIVE)
    return page


def shows(page: Any, selector: str, text: str, timeout: float = 10_000) -> None:
    """Wait until an element's text is this."""
    page.wait_for_function(
        "([selector, text]) => document.querySelector(selector)?.textContent.trim() === text",
        arg=[selector, text],
        timeout=timeout,
    )


def row_of(page: Any, product: Any) -> Any:
    """A product's row under "Low stock"."""
    return page.locator(f"{STOCK} tr[data-id='{product['id']}']")
