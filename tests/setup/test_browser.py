"""The tests' browser is a real one, and hears what a page complains of."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("script", "complaint"),
    [("console.error('wrong')", "wrong"), ("throw new Error('thrown')", "thrown")],
)
def test_a_complaint_of_the_page_is_heard(page, console_errors, script, complaint):
    page.set_content(f"<script>{script}</script>")
    page.wait_for_function("document.readyState === 'complete'")
    assert [complaint in error for error in console_errors] == [True]
    console_errors.clear()


def test_the_operator_enters_the_board(page, site, operator):
    operator.enter(page, site.url)
    assert page.title()
    assert "/login" not in page.url
