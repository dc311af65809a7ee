"""`flask counters verify|rebuild`: the board against Postgres, from the command line."""

import pytest

import extensions
from blueprints.stream import board


@pytest.fixture
def counters(runner):
    """Runs `flask counters …`; its exit code and all it printed."""

    def run(what):
        done = runner.invoke(args=["counters", what])
        return done.exit_code, done.output

    return run


def test_a_right_board_is_said_to_be_right(sample_shop, counters):
    assert counters("verify") == (0, "Redis and Postgres agree.\n")


def test_a_difference_is_printed_and_mended(sample_shop, counters):
    extensions.redis.commands.hincrby(board.BOARD, "counter:ordersToday", 3)
    code, output = counters("verify")
    assert code == 1
    assert "ordersToday: Redis has" in output
    assert counters("rebuild")[0] == 0
    assert counters("verify")[0] == 0


def test_no_board_is_a_difference(app, counters):
    code, output = counters("verify")
    assert (code, "Redis has no board" in output) == (1, True)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("part", "words"), [("redis", "Redis is away"), ("postgres", "Postgres is away")]
)
def test_what_is_away_is_said_without_a_traceback(own_servers, settings_of_tests, part, words):
    servers = own_servers()
    getattr(servers, part).stop()
    with pytest.raises(AssertionError) as failed:
        servers.flask("counters", "verify", **settings_of_tests)
    assert words in str(failed.value)
    assert "Traceback" not in str(failed.value)
