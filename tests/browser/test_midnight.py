"""At the shop's midnight every open board begins a new day."""

import time

import pytest

from tests.browser.steps import ORDERS, REVENUE, open_board, shows

# Put before the app's own start, and nothing of the app is replaced but its clock: when the worker
# loads it, midnight is that many seconds away.
MOVED_CLOCK = """
import importlib.util, sys
from datetime import timedelta

class MoveClock:
    def find_spec(self, name, path=None, target=None):
        if name != "shop":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(module):
            load(module)
            real = module.now
            now = real()
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            moved = midnight - timedelta(seconds={seconds}) - now
            module.now = lambda: real() + moved

        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, MoveClock())
"""
BEFORE_MIDNIGHT_SECONDS = 20  # Time to open a board and to sell, also on a busy machine.


@pytest.mark.timeout(120)
def test_open_boards_roll_over(live, new_page, operator, till_at, tmp_path):
    clock = MOVED_CLOCK.replace("{seconds}", str(BEFORE_MIDNIGHT_SECONDS))
    (tmp_path / "sitecustomize.py").write_text(clock)
    # The operator signed in hours ago by that clock.
    server = live(PYTHONPATH=str(tmp_path), SESSION_HOURS="720")
    page = open_board(new_page(), operator, server.url)
    till = till_at(server)
    shoe = till.product()
    till.sell(shoe, 2)
    shows(page, ORDERS, "1")
    before = page.inner_text("#day")
    began = time.monotonic()

    shows(page, ORDERS, "0", timeout=60_000)
    assert time.monotonic() - began < BEFORE_MIDNIGHT_SECONDS + 20
    shows(page, REVENUE, "$0.00")
    assert page.inner_text("#day") != before
    till.sell(shoe)
    shows(page, ORDERS, "1")
