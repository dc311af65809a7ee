"""The line for a storefront is on the page the board leads to, ready to be copied."""

import html
import re

from flask.testing import FlaskClient

from tests.live import ROOT

EXAMPLE = "https://board.example.com"


def test_it_is_that_of_the_documents_with_this_servers_own_address(client: FlaskClient) -> None:
    documented = re.search(r"<script>.*?</script>", (ROOT / "docs/api.md").read_text(), re.DOTALL)
    page = html.unescape(client.get("/docs").text)

    assert documented
    assert documented[0].replace(EXAMPLE, "http://localhost") in page
