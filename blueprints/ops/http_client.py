"""The HTTP API as another program calls it: one kept connection, JSON in and out."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Target:
    """A running Flashboard. `host` is the name to ask for, where that is not the URL's own."""

    url: str
    token: str
    host: str | None = None

    def connect(self, timeout: float = TIMEOUT_SECONDS) -> http.client.HTTPConnection:
        """A connection that is made at the first request."""
        parts = urlsplit(self.url)
        kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        return kind(parts.netloc, timeout=timeout)

    @property
    def headers(self) -> dict[str, str]:
        """What every request says."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}
        return headers | ({"Host": self.host} if self.host else {})


class Caller:
    """One program's connection. Not for several threads."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._link = target.connect()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer, None if it is none. Raises OSError without an answer."""
        headers = self._target.headers
        sent = None
        if body is not None:
            sent = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        try:
            self._link.request(method, path, sent, headers)
            answer = self._link.getresponse()
            return answer.status, _json(answer.read())
        except (OSError, http.client.HTTPException) as error:
            self.close()  # the next request connects anew
            raise OSError(str(error) or type(error).__name__) from error

    def close(self) -> None:
        """End the connection."""
        self._link.close()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
