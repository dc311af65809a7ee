"""People, tokens, displays and the audit log: each function here is one transaction."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

import shop
import upkeep
from blueprints.auth import passwords
from blueprints.auth.models import (
    EMAIL_LENGTH,
    NAME_LENGTH,
    AuditEntry,
    Display,
    SignIn,
    SignInLink,
    Token,
    User,
)
from blueprints.auth.principals import ROLES, SCOPES, Principal
from extensions import db

LINK_MINUTES = 15
KEEP_SIGN_INS_DAYS = 31
TOKEN_PREFIX = "fb_"  # noqa: S105
DISPLAY_PREFIX = "fd_"
PREFIX_LENGTH = 8  # how much of a token is kept readable: enough to tell two apart
EMAIL = re.compile(r"[^@\s\x00-\x20\x7f\ud800-\udfff]+@[^@\s\x00-\x20\x7f\ud800-\udfff]+")
NAME = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]+")


class Refused(Exception):
    """Base: what was asked cannot be done; the message says why, for people.

    Refused
    ├── Invalid   the value given is not allowed
    ├── Taken     there is one of that name already
    └── Unknown   there is none of that name
    """


class Invalid(Refused): ...


class Taken(Refused): ...


class Unknown(Refused): ...


# People


def add_user(email: str, password: str | None, role: str, actor: str = "command line") -> User:
    """A person; without a password only links sign them in. Raises Invalid or Taken."""
    if role not in ROLES:
        raise Invalid(f"The role must be one of {', '.join(ROLES)}.")
    address = checked_email(email)
    user = User(email=address, role=role, password_hash=_new_hash(password))
    db.session.add(user)
    audit(actor, "user.add", address, {"role": role})
    _commit_unless_taken(f"There is a user {address} already.")
    return user


def set_password(email: str, password: str, actor: str = "command line") -> User:
    """Change a password, which ends every sign-in and link made before. Raises Invalid, Unknown."""
    password_hash = _new_hash(password)
    user = get_user(email)
    user.password_hash = password_hash
    user.session_epoch = User.session_epoch + 1
    db.session.execute(delete(SignInLink).where(SignInLink.user_id == user.id))
    audit(actor, "user.password", user.email)
    db.session.commit()
    return user


def remove_user(email: str, actor: str = "command line") -> None:
    """Forget a person; their sign-ins end. Raises Unknown."""
    user = get_user(email)
    db.session.delete(user)
    audit(actor, "user.remove", user.email)
    db.session.commit()


def list_users() -> list[User]:
    """All people, by address."""
    return list(db.session.scalars(select(User).order_by(User.email)))


def get_user(email: str) -> User:
    """Raises Unknown."""
    user = find_user(email)
    if user is None:
        raise Unknown(f"There is no user {email}.")
    return user


def find_user(email: str) -> User | None:
    """The person with this address, if any; never raises for what somebody typed."""
    try:
        address = checked_email(email)
    except Invalid:
        return None
    return db.session.scalar(select(User).where(User.email == address))


def checked_email(email: str) -> str:
    """An address in the form it is kept in. Raises Invalid."""
    address = email.strip().lower()
    if len(address) > EMAIL_LENGTH or not EMAIL.fullmatch(address):
        raise Invalid("That is not an e-mail address.")
    return address


def verify_password(email: str, password: str) -> User | None:
    """The person if the password is right; takes as long when there is no such person.

    No database connection is held while hashing, which takes longer than any query.
    """
    user = find_user(email)
    password_hash = user.password_hash if user else None
    if user is not None:
        db.session.expunge(user)
    db.session.rollback()
    if not passwords.matches(password, password_hash) or user is None or password_hash is None:
        return None
    if passwords.outdated(password_hash):
        _renew_hash(user.id, password_hash, password)
    return user


def _renew_hash(user_id: int, old: str, password: str) -> None:
    fresh = passwords.hashed(password)
    db.session.execute(
        update(User)
        .where(User.id == user_id, User.password_hash == old)
        .values(password_hash=fresh)
    )
    db.session.commit()


def _new_hash(password: str | None) -> str | None:
    if password is None:
        return None
    if not passwords.MIN_LENGTH <= len(password) <= passwords.MAX_LENGTH:
        raise Invalid(
            f"A password has {passwords.MIN_LENGTH} to {passwords.MAX_LENGTH} characters."
        )
    return passwords.hashed(password)


# Sign-ins


def sign_in(user: User, now: datetime, how: str, address: str) -> str:
    """Record a browser's sign-in and return the secret for its cookie.

    It carries the epoch `user` was read in: a password changed while this one was being checked
    has raised it, and the sign-in is void from the start.
    """
    secret = secrets.token_urlsafe(24)
    db.session.execute(
        delete(SignIn).where(SignIn.last_seen_at < now - timedelta(days=KEEP_SIGN_INS_DAYS))
    )
    db.session.add(
        SignIn(
            user_id=user.id,
            secret_hash=hash_of(secret),
            epoch=user.session_epoch,
            created_at=now,
            last_seen_at=now,
        )
    )
    audit(user.email, "sign-in", user.email, {"by": how, "address": address})
    db.session.commit()
    return secret


def sign_out(sign_in_id: int, now: datetime, actor: str) -> None:
    """End one browser's sign-in."""
    db.session.execute(
        update(SignIn)
        .where(SignIn.id == sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=now)
    )
    audit(actor, "sign-out", actor)
    db.session.commit()


def record_failed_sign_in(email: str, address: str) -> None:
    """Keep that somebody tried. What was typed is kept only if it can be an address: people type
    passwords into the wrong field."""
    try:
        target = checked_email(email)
    except Invalid:
        target = ""
    audit("nobody", "sign-in.failed", target, {"address": address})
    db.session.commit()


def create_link(user: User, now: datetime, actor: str = "command line") -> str:
    """A secret that signs the person in once. Raises nothing."""
    secret = secrets.token_urlsafe(32)
    db.session.execute(delete(SignInLink).where(SignInLink.expires_at < now - timedelta(days=1)))
    db.session.add(
        SignInLink(
            hash=hash_of(secret),
            user_id=user.id,
            expires_at=now + timedelta(minutes=LINK_MINUTES),
        )
    )
    audit(actor, "link.create", user.email)
    db.session.commit()
    return secret


def use_link(secret: str, now: datetime) -> User | None:
    """The person a link signs in, once: of two who race for it one gets nothing."""
    user_id = db.session.scalar(
        update(SignInLink)
        .where(
            SignInLink.hash == hash_of(secret),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInLink.user_id)
    )
    db.session.commit()
    return db.session.get(User, user_id) if user_id is not None else None


# Tokens and displays


def create_token(name: str, scopes: Iterable[str], actor: str = "command line") -> str:
    """A new token, returned this once. Raises Invalid or Taken."""
    wanted = sorted(set(scopes))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        raise Invalid(f"A token's scopes are one or more of {', '.join(SCOPES)}.")
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    db.session.add(
        Token(
            name=_checked_name(name),
            hash=hash_of(secret),
            prefix=secret[:PREFIX_LENGTH],
            scopes=wanted,
        )
    )
    audit(actor, "token.create", name, {"scopes": wanted})
    _commit_unless_taken(f"There is a token {name} already. Revoke it, or choose another name.")
    return secret


def revoke_token(name: str, now: datetime, actor: str = "command line") -> None:
    """Raises Unknown."""
    _revoke(Token, "token", name, now, actor)


def list_tokens() -> list[Token]:
    """All tokens, those in use first, then newest first."""
    return list(db.session.scalars(select(Token).order_by(*_in_use_first(Token))))


def create_display(name: str, actor: str = "command line") -> str:
    """The secret of a new display's link, returned this once. Raises Invalid or Taken."""
    secret = DISPLAY_PREFIX + secrets.token_urlsafe(32)
    db.session.add(Display(name=_checked_name(name), hash=hash_of(secret)))
    audit(actor, "display.create", name)
    _commit_unless_taken(f"There is a display {name} already. Revoke it, or choose another name.")
    return secret


def revoke_display(name: str, now: datetime, actor: str = "command line") -> None:
    """Raises Unknown."""
    _revoke(Display, "display", name, now, actor)


def list_displays() -> list[Display]:
    """All displays, those in use first, then newest first."""
    return list(db.session.scalars(select(Display).order_by(*_in_use_first(Display))))


def _in_use_first(model: type[Token] | type[Display]) -> tuple[Any, Any]:
    return model.revoked_at.isnot(None), model.created_at.desc()


def _revoke(
    model: type[Token] | type[Display], kind: str, name: str, now: datetime, actor: str
) -> None:
    revoked = db.session.scalar(
        update(model)
        .where(model.name == name, model.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(model.id)
    )
    if revoked is None:
        db.session.rollback()
        raise Unknown(f"There is no {kind} {name} in use.")
    audit(actor, f"{kind}.revoke", name)
    db.session.commit()


def _checked_name(name: str) -> str:
    if not NAME.fullmatch(name) or len(name) > NAME_LENGTH:
        raise Invalid(f"A name has 1 to {NAME_LENGTH} characters.")
    return name


# Audit log


def audit(actor: Principal | str, action: str, target: object = "", detail: Any = None) -> None:
    """Add an entry to the caller's transaction: it is there if and only if the change is."""
    label = actor.label if isinstance(actor, Principal) else actor
    db.session.add(
        AuditEntry(
            actor=label[:EMAIL_LENGTH],
            action=action,
            target=str(target)[:300],
            detail=detail or None,
        )
    )


@upkeep.job
def forget_old_audit() -> None:
    """Delete entries older than AUDIT_DAYS."""
    before = shop.now() - timedelta(days=shop.settings().audit_days)
    db.session.execute(delete(AuditEntry).where(AuditEntry.at < before))
    db.session.commit()


def hash_of(secret: str) -> str:
    """How a secret of ours is kept: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _commit_unless_taken(message: str) -> None:
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise Taken(message) from None
