"""Whatever goes wrong, a program is told what in the same members of a problem."""

import pytest

from tests.till import Till
from tests.till import till as till


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/orders/777777", None),
        ("POST", "/api/orders/777777/cancel", None),
        ("GET", "/api/products/777777", None),
        ("PATCH", "/api/products/777777", {"name": "Cap"}),
        ("POST", "/api/products/777777/restock", {"quantity": 1}),
        ("POST", "/api/products/777777/pause", None),
        ("POST", "/api/alerts/777777/acknowledge", None),
        ("GET", "/display/777777", None),
        ("GET", "/api/nothing", None),
    ],
)
def test_what_is_not_there_is_said_in_words(
    till: Till, method: str, path: str, body: object
) -> None:
    answer = till.request(method, path, body)

    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    said = answer.json or {}
    assert said["status"] == 404
    assert said["type"].startswith("https://")
    assert said["title"]
    assert said["detail"]
