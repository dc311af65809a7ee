"""The levers as plain forms: the same rights, the same traces, and a message on the board."""

from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from extensions import db
from tests.cast import Person
from tests.till import Till

PAGE = {"Accept": "text/html"}


def press(person: Person, product: str, act: str, **fields: Any) -> TestResponse:
    """A form as a browser without scripts sends it: its token against forgery is a field."""
    form = {"csrf_token": person.csrf_token, "key": "page-1", **fields}
    headers = {**PAGE, "X-CSRFToken": ""}
    return person.client.post(f"/products/{product}/{act}", data=form, headers=headers)


def said(person: Person) -> str:
    """The board's page."""
    return person.client.get("/?plain=yes", headers=PAGE).text


def test_each_leads_back_to_the_board_and_leaves_its_trace(till: Till, operator: Person) -> None:
    mug = till.product(remaining=5)

    for act in ("pause", "resume", "restock"):
        answer = press(operator, mug, act, quantity="7")
        assert (answer.status_code, answer.location) == (303, "/?plain=yes")

    assert till.remaining(mug) == 12
    with till.app.app_context():
        traces = db.session.execute(
            text("SELECT action, actor FROM audit_entries WHERE target = :mug ORDER BY id"),
            {"mug": f"product:{mug}"},
        ).all()
    assert [trace.action for trace in traces] == ["pause", "resume", "restock"]
    assert all("olivia" in trace.actor for trace in traces)


def test_sent_twice_it_counts_once(till: Till, operator: Person) -> None:
    mug = till.product(remaining=5)
    press(operator, mug, "restock", quantity="7")
    said(operator)
    press(operator, mug, "restock", quantity="7")

    assert till.remaining(mug) == 12
    assert "was sent before" in said(operator)
    press(operator, mug, "restock", quantity="7", key="page-2")
    assert till.remaining(mug) == 19


@pytest.mark.parametrize(
    "fields",
    [
        *({"quantity": each} for each in ("", "0", "-1", "1.5", "many", "100001")),
        {"quantity": "5", "key": "\0"},
    ],
)
def test_what_is_no_restock_says_why(till: Till, operator: Person, fields: Any) -> None:
    mug = till.product(remaining=5)

    assert press(operator, mug, "restock", **fields).status_code == 303
    assert "Nothing was added" in said(operator)
    assert "Nothing was added" not in said(operator), "a message is said once"
    assert till.remaining(mug) == 5


@pytest.mark.parametrize("act", ["pause", "resume", "restock"])
def test_a_product_that_is_gone(till: Till, operator: Person, act: str) -> None:
    assert press(operator, "999999", act, quantity="5").status_code == 303
    assert "no such product" in said(operator)


@pytest.mark.parametrize("act", ["pause", "resume", "restock"])
def test_who_may_not(
    till: Till, operator: Person, viewer: Person, stranger: Person, act: str
) -> None:
    mug = till.product(remaining=5)
    everything = till.board()

    assert press(viewer, mug, act, quantity="5").status_code == 403
    assert press(stranger, mug, act, quantity="5").location == "/login"
    assert press(operator, mug, act, quantity="5", csrf_token="").status_code == 403
    assert till.post(f"/products/{mug}/{act}").status_code == 403, "tokens have the API"
    assert till.board() == everything


def test_names_are_text(till: Till, operator: Person) -> None:
    mug = till.product(remaining=5, name="<b>Mug</b>")
    press(operator, mug, "pause")

    assert "&lt;b&gt;Mug&lt;/b&gt; is paused." in said(operator)
