"""Every setting: read from the environment once, typed, checked at start."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from limits import parse
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

# ISO 4217 currencies whose minor unit is not a hundredth.
_WITHOUT_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_WITH_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
CURRENCY_EXPONENTS = {
    **dict.fromkeys(_WITHOUT_MINOR_UNIT.split(), 0),
    **dict.fromkeys(_WITH_THOUSANDTHS.split(), 3),
}
KIB = 1024
# Of all workers of a machine, so that two machines fit a plan of 20. One worker uses up all of them
# before its core: an order holds one while Postgres works.
DB_CONNECTIONS = 8
PAGE_FILES = {".html", ".css", ".js", ".svg"}
# What pydantic finds, in words for whoever deploys; the braces are filled from what it found.
REASONS = {
    "bool_parsing": "must be 1 or 0",
    "bool_type": "must be 1 or 0",
    "float_parsing": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "int_parsing": "must be a whole number",
    "less_than_equal": "must be at most {le:g}",
    "literal_error": "must be one of {expected}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_short": "must have at least {min_length} characters",
}


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and what is allowed."""


class Settings(BaseSettings):
    """What whoever deploys Flashboard can set, each by an environment variable of the same name
    in capitals."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = Field(description="Postgres, also as `postgres://`")
    redis_url: str = Field(description="Redis, also as `rediss://` with a self-signed certificate")
    secret_key: SecretStr = Field(
        min_length=16, description="Signs sessions; random, stable, the same for every process"
    )
    shop_name: str = Field("Flashboard", max_length=60, description="Name on the page")
    shop_currency: str = Field("USD", description="ISO 4217 code")
    shop_timezone: str = Field("UTC", description="IANA zone whose midnight ends the business day")
    storefront_origins: str = Field(
        "", description="Origins that may post activity from a browser, separated by commas"
    )
    public_url: str = Field(
        "", description="Where people reach the site, for links in e-mail-like output"
    )
    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many proxies in front set X-Forwarded-For and -Proto"
    )
    trusted_hosts: str = Field(
        "", description="Host names answered to, separated by commas; any when empty"
    )
    session_hours: int = Field(12, ge=1, le=720, description="Idle hours until a sign-in ends")
    audit_days: int = Field(365, ge=1, le=36_500, description="Days an audit entry is kept")
    admin_email: str = Field("", description="The first operator, added at release")
    admin_password: SecretStr | None = Field(None, description="The first operator's password")
    writes_rate_limit: str = Field(
        "30000 per minute",
        description="How often one person or token may call each route that changes something, "
        "counted by each worker",
    )
    display_customers: Literal["initials", "full", "hidden"] = Field(
        "initials", description="How much of a customer's name a display link shows"
    )
    metrics_public: bool = Field(False, description="Serve /metrics without a token")
    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="`auto` is readable in a terminal, JSON elsewhere"
    )
    sentry_dsn: SecretStr | None = Field(None, description="Report errors to Sentry")
    build: str = Field(
        default_factory=lambda: _page_digest(),
        description="Version shown to dashboards; a new one reloads displays. By default a digest "
        "of the page's own files",
    )
    web_concurrency: int = Field(1, ge=1, description="Workers; gunicorn's own setting")
    db_pool_size: int = Field(
        default_factory=lambda given: max(2, DB_CONNECTIONS // given.get("web_concurrency", 1)),
        ge=1,
        le=50,
        description="Postgres connections kept per worker; by default all workers share 8",
    )
    db_max_overflow: int = Field(0, ge=0, le=50, description="Postgres connections above that")
    redis_max_connections: int = Field(
        3, ge=2, le=100, description="Redis connections per worker beside its one subscription"
    )
    stream_max_clients: int = Field(
        10_000, ge=1, description="Dashboards one worker takes; also bounded by open files"
    )
    stream_max_per_user: int = Field(
        100, ge=1, description="Dashboards one person, token or display may open on a worker"
    )
    stream_handoff: bool = Field(
        True, description="Write streams to the socket directly; off uses the plain generator"
    )
    heartbeat_seconds: float = Field(15, gt=0, le=50, description="Silence until a heartbeat")

    @field_validator("database_url")
    @classmethod
    def _use_psycopg2(cls, url: str) -> str:
        """SQLAlchemy 2.1 reads a plain postgresql:// as psycopg 3, and Heroku says postgres://."""
        scheme, separator, rest = url.partition("://")
        if not separator or scheme not in {"postgres", "postgresql", "postgresql+psycopg2"}:
            raise ValueError("must begin with postgres:// or postgresql://")
        try:
            make_url(f"postgresql+psycopg2://{rest}")
        except (ArgumentError, ValueError):
            raise ValueError("must be like postgres://user:password@host:5432/name") from None
        return f"postgresql+psycopg2://{rest}"

    @field_validator("redis_url")
    @classmethod
    def _known_redis_scheme(cls, url: str) -> str:
        if not url.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must begin with redis://, rediss:// or unix://")
        try:
            _ = urlsplit(url).port
        except ValueError:
            raise ValueError("must be like redis://:password@host:6379/0") from None
        return url

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, url: str) -> str:
        if url and not _is_address(url):
            raise ValueError("must be an address such as https://board.example.com")
        return url

    @field_validator("storefront_origins")
    @classmethod
    def _whole_origins(cls, text: str) -> str:
        origins = [each.strip().removesuffix("/") for each in text.split(",") if each.strip()]
        if not all(_is_address(each) and each.count("/") == 2 for each in origins):
            raise ValueError("must be origins such as https://shop.example.com, without a path")
        return ",".join(origins)

    @field_validator("trusted_hosts")
    @classmethod
    def _bare_names(cls, text: str) -> str:
        if "/" in text:
            raise ValueError("must be names such as board.example.com, without https://")
        return text

    @field_validator("sentry_dsn")
    @classmethod
    def _whole_dsn(cls, dsn: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(dsn.get_secret_value()) if dsn else None
        if parts and not (parts.scheme in {"http", "https"} and parts.username and parts.path):
            raise ValueError("must be a DSN as Sentry shows it: https://key@sentry.example.com/1")
        return dsn

    @field_validator("shop_currency")
    @classmethod
    def _three_capitals(cls, code: str) -> str:
        if not (len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()):
            raise ValueError("must be three capital letters, such as EUR")
        return code

    @field_validator("writes_rate_limit")
    @classmethod
    def _readable_limit(cls, limit: str) -> str:
        try:
            readable = parse(limit).amount > 0
        except ValueError:
            readable = False
        if not readable:
            raise ValueError("must be a number and a time, such as 600 per minute")
        return limit

    @field_validator("shop_timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("must be an IANA time zone such as Europe/Berlin")
        return name

    @property
    def hosts(self) -> list[str] | None:
        """Host names answered to; None for any."""
        names = [name.strip() for name in self.trusted_hosts.split(",") if name.strip()]
        own = urlsplit(self.public_url).hostname
        return [*names, own] if names and own else names or None

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.shop_timezone)

    @property
    def currency_exponent(self) -> int:
        """Digits after the decimal point: 0, 2 or 3."""
        return CURRENCY_EXPONENTS.get(self.shop_currency, 2)

    @property
    def minor_unit(self) -> Decimal:
        """The smallest amount of money, such as Decimal("0.01")."""
        return Decimal(1).scaleb(-self.currency_exponent)

    def flask(self) -> dict[str, Any]:
        """What Flask and its extensions read from app.config."""
        return {
            "SETTINGS": self,
            "SECRET_KEY": self.secret_key.get_secret_value(),
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "SQLALCHEMY_ENGINE_OPTIONS": {
                "pool_size": self.db_pool_size,
                "max_overflow": self.db_max_overflow,
                "pool_timeout": 1.5,
                "pool_recycle": 600,
                "pool_pre_ping": True,
                "connect_args": {
                    "connect_timeout": 2,
                    "application_name": "flashboard",
                    "keepalives_idle": 30,
                    "keepalives_interval": 5,
                    "keepalives_count": 3,
                },
            },
            "MAX_CONTENT_LENGTH": 64 * KIB,
            "TRUSTED_HOSTS": self.hosts,
            "SESSION_COOKIE_NAME": "flashboard",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            # The server ends a sign-in; a cookie rewritten with every answer would ride on streams.
            "SESSION_REFRESH_EACH_REQUEST": False,
            "PERMANENT_SESSION_LIFETIME": timedelta(days=31),
            "WTF_CSRF_TIME_LIMIT": None,
        }


def _page_digest() -> str:
    """The same in every process that serves the same page, and another one after a deploy."""
    root = Path(__file__).parent
    folders = ("templates", "static", "blueprints")
    files = (path for folder in folders for path in (root / folder).rglob("*.*"))
    digest = hashlib.sha256()
    for path in sorted(files):
        if path.suffix in PAGE_FILES:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def load() -> Settings:
    """Read the environment.

    Raises SettingsError, which names every setting that is missing or wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"  {str(problem['loc'][0]).upper()}: {_reason(problem)}"
            for problem in error.errors()
            # A default that follows from another setting, which has a line of its own here.
            if problem["type"] != "default_factory_not_called"
        ]
        raise SettingsError("Flashboard cannot start:\n" + "\n".join(lines)) from None


def _reason(problem: Any) -> str:
    name = str(problem["loc"][0])
    if problem["type"] == "missing":
        return f"is not set. {Settings.model_fields[name].description}"
    if known := REASONS.get(problem["type"]):
        return known.format(**problem.get("ctx", {}))
    return str(problem["msg"]).removeprefix("Value error, ")


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
