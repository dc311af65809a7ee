"""What the tests of streams do to a shop: sell, publish, look."""

import http.client
import itertools
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg2
import redis
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector

from embedded.processes import wait
from tests.live import Answer, Live
from tests.servers import Servers
from tests.sse import Stream

HEARTBEAT_SECONDS = 1.0
# Shorter than the server keeps a connection that is idle.
KEPT_SECONDS = 30
SETTINGS = {
    "HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
    "STREAM_MAX_PER_USER": "20000",
    "BUILD": "b1",
}
SCOPES = ("stream:read", "orders:write", "products:write", "metrics:write", "alerts:write")


class Shop:
    """The servers, a token that may do everything, and the two sites."""

    token: str
    fast: "Site"
    plain: "Site"

    def __init__(self, servers: Servers, environment: Mapping[str, str]) -> None:
        self.servers = servers
        self.environment = environment
        self.redis = redis.Redis.from_url(servers.redis.url)
        self._numbers = itertools.count(1)
        self._link: http.client.HTTPConnection | None = None
        self._used = 0.0
        self._newest = ""

    def new_token(self, *scopes: str) -> str:
        """A token nobody else uses."""
        options = [part for scope in scopes for part in ("--scope", scope)]
        self._newest = f"program {next(self._numbers)}"
        return self._flask("tokens", "create", self._newest, *options).splitlines()[-1]

    def revoke_newest_token(self) -> None:
        """Whoever has it may no longer look."""
        self._flask("tokens", "revoke", self._newest)

    def new_display(self, site: Live) -> dict[str, str]:
        """The headers of a display's browser."""
        said = self._flask("displays", "create", f"wall {next(self._numbers)}").splitlines()[-1]
        opened = site.get(said[said.index("/display/") :])
        return {"Cookie": opened.headers["Set-Cookie"].partition(";")[0]}

    def call(self, path: str, body: Any) -> Answer:
        """POST at one worker, on a connection that is kept."""
        if self._link and time.monotonic() - self._used > KEPT_SECONDS:
            self._link.close()
            self._link = None
        if self._link is None:
            self._link = http.client.HTTPConnection("127.0.0.1", self.plain.port, timeout=20)
        self._used = time.monotonic()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        self._link.request("POST", path, json.dumps(body).encode(), headers)
        answer = self._link.getresponse()
        return Answer(answer.status, answer.headers, answer.read())

    def publish(self, channel: str = "news", **data: Any) -> str:
        """Publish over HTTP; the event's id."""
        answer = self.call(f"/api/metrics/{channel}", data)
        assert answer.status == 202, answer.body
        return str(answer.json["id"])

    def say(self, channel: str, message: bytes) -> int:
        """PUBLISH in Redis, as another program does; how many heard it."""
        return int(self.redis.publish(f"metrics:{channel}", message))

    def product(self, remaining: int, **fields: Any) -> str:
        """Put a product on sale; its id."""
        number = next(self._numbers)
        body = {"sku": f"S{number}", "name": f"Thing {number}", "price": 10, **fields}
        return self._made("/api/products", {**body, "remaining": remaining})

    def order(self, product: str, quantity: int = 1, customer: str = "Ada Lovelace") -> str:
        """Sell some of it; the order's id."""
        items = [{"productId": product, "quantity": quantity}]
        return self._made("/api/orders", {"customer": customer, "items": items})

    def alert(self, message: str) -> str:
        """Raise an alert; its id."""
        return self._made("/api/alerts", {"severity": "info", "message": message})

    def connect(self, site: Live, query: str = "", **options: Any) -> Stream:
        """A dashboard at one of the sites."""
        options.setdefault("token", self.token)
        options.setdefault("trust", site.trust)
        return Stream(f"{site.url}/api/stream/metrics{query}", **options)

    def look(self, site: Live) -> dict[str, Any]:
        """GET /api/metrics."""
        found: dict[str, Any] = site.get("/api/metrics", token=self.token).json
        return found

    def last_id(self) -> str:
        """The id of the last event in Redis."""
        found: Any = self.redis.hmget("flashboard:board", "epoch", "seq")
        return b"-".join(found).decode()

    def query(self, statement: str) -> Any:
        """The one value that a query of Postgres answers."""
        with psycopg2.connect(self.servers.postgres.url) as link, link.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()[0][0]

    def wait_published(self) -> None:
        """Wait until what has been committed is on the board."""
        assert wait(lambda: self.query("SELECT count(*) FROM outbox") == 0, seconds=20)
        assert wait(lambda: not self.redis.exists("flashboard:waiting"), seconds=20)

    def close(self) -> None:
        """Hang up."""
        self.redis.close()
        if self._link:
            self._link.close()

    def _made(self, path: str, body: Any) -> str:
        answer = self.call(path, body)
        assert answer.status == 201, answer.body
        return str(answer.json["id"])

    def _flask(self, *command: str) -> str:
        return self.servers.flask(*command, SECRET_KEY=self.environment["SECRET_KEY"])


class Site(Live):
    """A gunicorn whose meters can be read."""

    def __init__(self, directory: Path, environment: Mapping[str, str], *options: Any):
        self._meters = directory / "meters"
        metered = {**environment, "PROMETHEUS_MULTIPROC_DIR": str(self._meters)}
        super().__init__(directory, metered, *options)

    def meter(self, name: str, **labels: str) -> float:
        """The value of a sample, over all workers; 0 if nothing has counted it yet."""
        registry = CollectorRegistry()
        MultiProcessCollector(registry, str(self._meters))
        return registry.get_sample_value(f"flashboard_{name}", labels) or 0.0
