"""The business day by the shop's own midnight; days of 23 and of 25 hours."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

import shop

# Zone, day, hours. Havana and Asuncion jump at midnight, Lord Howe by half an hour.
DAYS = [
    ("UTC", date(2026, 3, 29), 24.0),
    ("Europe/Berlin", date(2026, 3, 28), 24.0),
    ("Europe/Berlin", date(2026, 3, 29), 23.0),
    ("Europe/Berlin", date(2026, 10, 25), 25.0),
    ("America/New_York", date(2026, 3, 8), 23.0),
    ("America/New_York", date(2026, 11, 1), 25.0),
    ("America/Havana", date(2026, 3, 8), 23.0),
    ("America/Havana", date(2026, 11, 1), 25.0),
    ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
    ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
    ("Asia/Kathmandu", date(2026, 1, 1), 24.0),
    ("Pacific/Kiritimati", date(2026, 1, 1), 24.0),
]
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
In = Callable[[str], None]


@pytest.fixture
def shop_in(migrated_app: Flask, monkeypatch: pytest.MonkeyPatch) -> In:
    """Moves the shop to a zone."""
    monkeypatch.setattr(shop, "settings", lambda: migrated_app.config["SETTINGS"])

    def move(zone: str) -> None:
        settings = migrated_app.config["SETTINGS"].model_copy(update={"shop_timezone": zone})
        monkeypatch.setattr(shop, "settings", lambda: settings)

    return move


@pytest.mark.parametrize(("zone", "day", "hours"), DAYS)
def test_a_day_is_as_long_as_it_is_there(shop_in: In, zone: str, day: date, hours: float) -> None:
    shop_in(zone)
    start, end = shop.day_start(day), shop.day_start(day + timedelta(days=1))

    assert end - start == timedelta(hours=hours)
    moment = start
    while moment < end:
        assert shop.business_day(moment) == day
        assert shop.next_midnight(moment) == end
        moment += timedelta(minutes=30)
    assert shop.business_day(start - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert shop.business_day(end) == day + timedelta(days=1)


@pytest.mark.parametrize("zone", sorted({zone for zone, _, _ in DAYS}))
def test_every_moment_is_in_its_day(shop_in: In, zone: str) -> None:
    shop_in(zone)

    @given(moment=MOMENTS)
    def is_in_its_day(moment: datetime) -> None:
        day = shop.business_day(moment)
        assert shop.day_start(day) <= moment < shop.next_midnight(moment)

    is_in_its_day()


@pytest.mark.parametrize("zone", sorted({zone for zone, _, _ in DAYS}))
def test_the_same_time_yesterday_is_in_yesterday(shop_in: In, zone: str) -> None:
    shop_in(zone)

    @given(moment=MOMENTS)
    def is_yesterday(moment: datetime) -> None:
        before = shop.same_time_yesterday(moment)
        assert shop.business_day(before) == shop.business_day(moment) - timedelta(days=1)
        assert timedelta(hours=22.9) <= moment - before <= timedelta(hours=25.1)

    is_yesterday()


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("2026-07-02T10:30:00Z", "2026-07-01T10:30:00Z"),
        ("2026-03-29T10:00:00Z", "2026-03-28T11:00:00Z"),  # 12:00 both days, an hour less between
        ("2026-03-30T00:30:00Z", "2026-03-29T01:00:00Z"),  # 02:30 was skipped: the jump itself
        ("2026-10-25T11:00:00Z", "2026-10-24T10:00:00Z"),  # 12:00 both days, an hour more between
        ("2026-10-25T01:30:00Z", "2026-10-24T00:30:00Z"),  # the second 02:30 of the day
        ("2026-10-26T01:30:00Z", "2026-10-25T00:30:00Z"),  # the first 02:30 of the day before
    ],
)
def test_the_clock_on_the_wall_decides(shop_in: In, moment: str, before: str) -> None:
    shop_in("Europe/Berlin")

    assert shop.same_time_yesterday(datetime.fromisoformat(moment)) == datetime.fromisoformat(
        before
    )


def test_times_on_the_wire_are_utc_with_z() -> None:
    moment = datetime.fromisoformat("2026-07-02T12:30:00.123456+02:00")

    assert shop.iso(moment) == "2026-07-02T10:30:00.123Z"
    assert shop.iso(None) is None
