"""The shop's own rules: its money in minor units, its business day and that day's midnight."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from flask import current_app

from config import Settings

# Above this many minor units a JSON reader that keeps doubles would lose the last digit.
MAX_MINOR_UNITS = 10**15


def settings() -> Settings:
    """The settings of the running app."""
    found: Settings = current_app.config["SETTINGS"]
    return found


def amount(minor_units: int) -> int | float:
    """Money for the wire: major units, exact as a JSON number up to MAX_MINOR_UNITS.

    Division of an integer below 2**53 is correctly rounded and Python prints the shortest digits
    that read back the same, so what is written is the decimal itself.
    """
    major = minor_units / 10 ** settings().currency_exponent
    return int(major) if major.is_integer() else major


def minor_units(value: Decimal) -> int:
    """Money from the wire. Raises ValueError if it has more digits than the currency."""
    exponent = settings().currency_exponent
    try:
        scaled = value.scaleb(exponent)
        whole = int(scaled)
    except (InvalidOperation, OverflowError, ValueError):
        raise ValueError("must be an amount of money") from None
    if whole != scaled:
        raise ValueError(f"may have at most {exponent} digits after the point")
    if abs(whole) > MAX_MINOR_UNITS:
        raise ValueError("is too large")
    return whole


def now() -> datetime:
    """The time, as everything that asks for it should: one place for a test to move the clock."""
    return datetime.now(UTC)


def business_day(moment: datetime) -> date:
    """The shop's day that a moment belongs to."""
    return moment.astimezone(settings().zone).date()


def today() -> date:
    """The shop's day now."""
    return business_day(now())


def day_start(day: date) -> datetime:
    """The first moment of a business day, in UTC; days of 23 and 25 hours come out right."""
    return datetime(day.year, day.month, day.day, tzinfo=settings().zone).astimezone(UTC)


def next_midnight(moment: datetime) -> datetime:
    """When the business day of a moment ends."""
    return day_start(business_day(moment) + timedelta(days=1))


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC with `Z`, to the millisecond."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def same_time_yesterday(moment: datetime) -> datetime:
    """The moment the day before with the same wall clock in the shop.

    In a repeated hour the first pass counts; a time that was skipped is the moment of the jump.
    """
    local = moment.astimezone(settings().zone)
    wall = local.replace(tzinfo=None) - timedelta(days=1)
    before = wall.replace(tzinfo=settings().zone, fold=0)
    return _jump_over(before) if _skipped(before) else before.astimezone(UTC)


def _skipped(local: datetime) -> bool:
    """Whether no clock ever showed this."""
    shown = local.astimezone(UTC).astimezone(local.tzinfo)
    return shown.replace(tzinfo=None) != local.replace(tzinfo=None)


def _jump_over(skipped: datetime) -> datetime:
    """When the clocks went forward over a time, to the second."""
    # With the offset of after the jump it would have been before it, and the other way round.
    low = skipped.replace(fold=1, microsecond=0).astimezone(UTC)
    high = skipped.replace(fold=0, microsecond=0).astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if middle.astimezone(skipped.tzinfo).utcoffset() == skipped.utcoffset():
            low = middle
        else:
            high = middle
    return high
