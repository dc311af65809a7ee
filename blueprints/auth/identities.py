"""From a secret to whoever it stands for, with as few queries as can be.

Orders come with the same token hundreds of times a second and dashboards reconnect by the thousand,
so a worker remembers for seconds what it looked up, and of those who ask at once for the same one
asks Postgres. Every query is one short loan of a connection outside the request's own database
session: nothing is held while a stream runs.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import Executable, Row, Select, and_, select, update
from sqlalchemy.exc import SQLAlchemyError

import shop
from blueprints.auth.models import Display, SignIn, Token, User
from blueprints.auth.principals import Principal, Role
from blueprints.auth.service import hash_of
from extensions import db
from problems import is_outage

REFRESH_AFTER_SECONDS = 3.0  # then one request looks again while the others use what is known
FORGET_AFTER_SECONDS = 5.0  # a revoked token works no longer than this
OUTAGE_SECONDS = 900.0  # how long a stream may come back on what was known when Postgres went away
REMEMBERED = 4096
SEEN_EVERY = timedelta(minutes=1)  # how exactly last use is kept: a write a minute, not a request

Key = tuple[str, str]


@dataclass(slots=True)
class Entry:
    """What was found when."""

    principal: Principal
    checked_at: float
    refreshing: bool = False


@dataclass
class Memory:
    """The principals one worker looked up lately. Only found ones: guesses must not fill it."""

    clock: Callable[[], float] = time.monotonic
    entries: dict[Key, Entry] = field(default_factory=dict)
    asking: dict[Key, Future[Principal | None]] = field(default_factory=dict)

    def get(self, key: Key) -> Principal | None:
        """What is known, unless it is too old or the caller is the one to look again."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        age = self.clock() - entry.checked_at
        if age >= FORGET_AFTER_SECONDS:
            return None
        if age >= REFRESH_AFTER_SECONDS and not entry.refreshing:
            entry.refreshing = True
            return None
        return entry.principal

    def found_once(self, key: Key, find: Callable[[str], Principal | None]) -> Principal | None:
        """What `find` finds, remembered; of those who ask meanwhile none asks anew.

        A thousand dashboards that come to a fresh worker would else want a connection each.
        """
        mine: Future[Principal | None] = Future()
        first = self.asking.setdefault(key, mine)
        if first is not mine:
            return first.result()
        try:
            found = find(key[1])
            self.put(key, found)
            mine.set_result(found)
        except BaseException as error:  # Whatever ends this one must not leave the others waiting.
            mine.set_exception(error)
            raise
        finally:
            del self.asking[key]
        return found

    def even_if_old(self, key: Key) -> Principal | None:
        """What was known before an outage."""
        entry = self.entries.get(key)
        if entry is None or self.clock() - entry.checked_at >= OUTAGE_SECONDS:
            return None
        return entry.principal

    def put(self, key: Key, principal: Principal | None) -> None:
        """Remember, or forget what is no longer so."""
        if principal is None:
            self.entries.pop(key, None)
            return
        if len(self.entries) >= REMEMBERED:
            self.entries.clear()
        self.entries[key] = Entry(principal, self.clock())

    def forget(self, principal_key: str) -> None:
        """Drop a principal before its time."""
        gone = [key for key, entry in self.entries.items() if entry.principal.key == principal_key]
        for key in gone:
            del self.entries[key]


def init_app(app: Flask) -> None:
    """Give the app its memory."""
    app.extensions["identities"] = Memory()


def memory() -> Memory:
    """The memory of the running app."""
    found: Memory = current_app.extensions["identities"]
    return found


def token(secret: str, *, passive: bool = False) -> Principal | None:
    """Whose token this is."""
    return _remembered(("token", hash_of(secret)), _find_token, outage_allowed=passive)


def display(display_hash: str, *, passive: bool = False) -> Principal | None:
    """Which display has this hash."""
    return _remembered(("display", display_hash), _find_display, outage_allowed=passive)


def person(secret: str, *, passive: bool = False) -> Principal | None:
    """Who signed in with this cookie.

    What a person does is always looked up, so a sign-out ends at once what the cookie may. A
    passive request (a stream, a poll by the page) may be answered from memory, and does not count
    as the person being there: else an open page would keep its sign-in alive for ever.
    """
    key = ("person", hash_of(secret))
    if passive:
        return _remembered(key, _find_person, outage_allowed=True)
    found = _find_person(key[1], seen=True)
    memory().put(key, found)
    return found


def still_valid(keys: Iterable[str]) -> set[str]:
    """Which of the principals' keys are still good: what a stream asks every few seconds.

    One query for each kind. With Postgres away everyone stays: nothing can be revoked then either.
    """
    wanted = set(keys)
    try:
        return (
            _valid(wanted, "user", _valid_people)
            | _valid(wanted, "token", _in_use(Token))
            | _valid(wanted, "display", _in_use(Display))
        )
    except SQLAlchemyError as error:
        if not is_outage(error):
            raise
        return wanted


def _remembered(
    key: Key, find: Callable[[str], Principal | None], *, outage_allowed: bool
) -> Principal | None:
    known = memory().get(key)
    if known is not None:
        return known
    try:
        return memory().found_once(key, find)
    except SQLAlchemyError as error:
        known = memory().even_if_old(key) if outage_allowed and is_outage(error) else None
        if known is None:
            raise
        return known


def _find_token(token_hash: str) -> Principal | None:
    row = _first(
        select(Token.id, Token.name, Token.scopes, Token.last_used_at).where(
            Token.hash == token_hash, Token.revoked_at.is_(None)
        )
    )
    if row is None:
        return None
    now = shop.now()
    if _due(row.last_used_at, now):
        _execute(update(Token).where(Token.id == row.id).values(last_used_at=now))
    key = f"token:{row.id}"
    return Principal("token", key, key, row.name, f"token {row.name}", scopes=frozenset(row.scopes))


def _find_display(display_hash: str) -> Principal | None:
    row = _first(
        select(Display.id, Display.name).where(
            Display.hash == display_hash, Display.revoked_at.is_(None)
        )
    )
    if row is None:
        return None
    key = f"display:{row.id}"
    audience = shop.settings().display_customers
    return Principal("display", key, key, row.name, f"display {row.name}", audience=audience)


def _find_person(secret_hash: str, seen: bool = False) -> Principal | None:
    row = _first(
        _people(SignIn.id, SignIn.user_id, SignIn.last_seen_at, User.email, User.role).where(
            SignIn.secret_hash == secret_hash
        )
    )
    if row is None:
        return None
    now = shop.now()
    if seen and _due(row.last_seen_at, now):
        _execute(update(SignIn).where(SignIn.id == row.id).values(last_seen_at=now))
    owner = f"user:{row.user_id}"
    name = row.email.partition("@")[0]
    role = cast(Role, row.role)
    return Principal("person", f"{owner}:{row.id}", owner, name, row.email, role=role)


def _people(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Sign-ins that hold: not ended, not idle too long, made with today's password."""
    idle_since = shop.now() - timedelta(hours=shop.settings().session_hours)
    return (
        select(*columns)
        .join(User, and_(User.id == SignIn.user_id, User.session_epoch == SignIn.epoch))
        .where(SignIn.ended_at.is_(None), SignIn.last_seen_at > idle_since)
    )


def _valid(wanted: set[str], kind: str, find: Callable[[set[int]], set[int]]) -> set[str]:
    """The keys of a kind whose last number `find` gives back."""
    by_id = {int(key.rpartition(":")[2]): key for key in wanted if key.startswith(f"{kind}:")}
    if not by_id:
        return set()
    return {by_id[found] for found in find(set(by_id)) if found in by_id}


def _valid_people(ids: set[int]) -> set[int]:
    return _ids(_people(SignIn.id).where(SignIn.id.in_(ids)))


def _in_use(model: type[Token] | type[Display]) -> Callable[[set[int]], set[int]]:
    return lambda ids: _ids(select(model.id).where(model.id.in_(ids), model.revoked_at.is_(None)))


def _due(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= SEEN_EVERY


def _first(statement: Select[*tuple[Any, ...]]) -> Row[Any] | None:
    with db.engine.connect() as connection:
        return connection.execute(statement).first()


def _ids(statement: Select[*tuple[Any, ...]]) -> set[int]:
    with db.engine.connect() as connection:
        return set(connection.scalars(statement))


def _execute(statement: Executable) -> None:
    with db.engine.begin() as connection:
        connection.execute(statement)
