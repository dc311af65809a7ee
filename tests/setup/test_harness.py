"""The harness itself: servers that can be broken, and a stream reader that can be trusted."""

import pytest

pytestmark = pytest.mark.faults


def test_own_servers_survive_a_kill_with_what_was_committed(own_servers):
    servers = own_servers(migrated=False)
    servers.postgres.kill9()
    assert servers.postgres.pid is None
    servers.postgres.start()
    assert servers.postgres.pid is not None


def test_a_killed_redis_starts_again(own_servers):
    servers = own_servers(migrated=False)
    servers.redis.kill9()
    assert servers.redis.pid is None
    servers.redis.start()
    assert servers.redis.pid is not None
