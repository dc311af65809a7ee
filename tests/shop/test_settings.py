"""A wrong setting stops the start, and is named in words that say what is wanted."""

import pytest

from config import Settings, SettingsError, load

RIGHT = {"DATABASE_URL": "postgres://h/n", "REDIS_URL": "redis://h", "SECRET_KEY": "s" * 32}
WRONG = [
    ("DATABASE_URL", "mysql://h/n", "must begin with postgres:// or postgresql://"),
    ("DATABASE_URL", "postgres://h:port/n", "must be like postgres://user:password@host:5432/name"),
    ("REDIS_URL", "memcached://h", "must begin with redis://, rediss:// or unix://"),
    ("REDIS_URL", "redis://h:port", "must be like redis://:password@host:6379/0"),
    ("SECRET_KEY", "short", "must have at least 16 characters"),
    ("SHOP_NAME", "x" * 61, "must have at most 60 characters"),
    ("SHOP_CURRENCY", "eur", "must be three capital letters, such as EUR"),
    ("SHOP_TIMEZONE", "Mars", "must be an IANA time zone such as Europe/Berlin"),
    ("STOREFRONT_ORIGINS", "https://a.test/x", "must be origins such as https://shop.example.com"),
    ("PUBLIC_URL", "board.test", "must be an address such as https://board.example.com"),
    ("TRUSTED_PROXIES", "one", "must be a whole number"),
    ("TRUSTED_PROXIES", "1.5", "must be a whole number"),
    ("TRUSTED_HOSTS", "https://a.test", "must be names such as board.example.com"),
    ("SESSION_HOURS", "0", "must be at least 1"),
    ("SESSION_HOURS", "721", "must be at most 720"),
    ("WRITES_RATE_LIMIT", "often", "must be a number and a time, such as 600 per minute"),
    ("WRITES_RATE_LIMIT", "0 per day", "must be a number and a time, such as 600 per minute"),
    ("DISPLAY_CUSTOMERS", "all", "must be one of 'initials', 'full' or 'hidden'"),
    ("METRICS_PUBLIC", "maybe", "must be 1 or 0"),
    ("LOG_FORMAT", "xml", "must be one of 'auto', 'json' or 'console'"),
    ("SENTRY_DSN", "secret", "must be a DSN as Sentry shows it"),
    ("WEB_CONCURRENCY", "0", "must be at least 1"),
    ("HEARTBEAT_SECONDS", "soon", "must be a number"),
    ("HEARTBEAT_SECONDS", "0", "must be more than 0"),
]


@pytest.fixture
def environment(monkeypatch):
    """Sets variables on top of the required ones."""

    def put(**variables):
        for name, value in (RIGHT | variables).items():
            monkeypatch.setenv(name, value)

    return put


@pytest.mark.parametrize(("name", "value", "wanted"), WRONG)
def test_it_is_named_with_what_is_wanted(environment, name, value, wanted):
    environment(**{name: value})
    with pytest.raises(SettingsError) as refused:
        load()
    first, *lines = str(refused.value).splitlines()
    assert first == "Flashboard cannot start:"
    assert len(lines) == 1
    assert lines[0].startswith(f"  {name}: {wanted}")


def test_all_that_is_wrong_is_named_at_once(environment, monkeypatch):
    environment(SHOP_CURRENCY="euro", SESSION_HOURS="x")
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(SettingsError) as refused:
        load()
    named = [line.split(":")[0].strip() for line in str(refused.value).splitlines()[1:]]
    assert named == ["REDIS_URL", "SHOP_CURRENCY", "SESSION_HOURS"]


def test_an_empty_one_is_as_good_as_none(environment):
    environment(SHOP_CURRENCY="", STOREFRONT_ORIGINS="", PUBLIC_URL="", SENTRY_DSN="")
    assert load().shop_currency == Settings.model_fields["shop_currency"].default


def test_origins_may_have_spaces_and_a_last_slash(environment):
    environment(STOREFRONT_ORIGINS="https://a.test/ , http://b.test:81,")
    assert load().storefront_origins == "https://a.test,http://b.test:81"


@pytest.mark.parametrize(("workers", "each"), [("", 8), ("2", 4), ("3", 2), ("9", 2)])
def test_workers_share_the_connections_to_postgres(environment, workers, each):
    environment(WEB_CONCURRENCY=workers)
    assert load().db_pool_size == each


def test_how_many_each_has_can_be_said(environment):
    environment(WEB_CONCURRENCY="2", DB_POOL_SIZE="8")
    assert load().db_pool_size == 8
