"""Tables of people, their sign-ins and links, tokens, displays, and the audit log."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from extensions import Model

Moment = DateTime(timezone=True)
EMAIL_LENGTH = 254
NAME_LENGTH = 80


def _now() -> datetime:
    return datetime.now(UTC)


class User(Model):
    """A person. The e-mail address is kept in lower case, so that unique means unique."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("role IN ('viewer', 'operator')", name="role"),
        CheckConstraint("email = lower(email)", name="email_lower"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(EMAIL_LENGTH), unique=True)
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(String(20))
    # A sign-in holds the epoch it was made in; raising it ends all of them in one write.
    session_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(Moment, default=_now, server_default=text("now()"))


class SignIn(Model):
    """One browser a person signed in with; its cookie carries the secret."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    epoch: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Moment, default=_now, server_default=text("now()"))
    last_seen_at: Mapped[datetime] = mapped_column(
        Moment, default=_now, server_default=text("now()"), index=True
    )
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SignInLink(Model):
    """A link that signs its user in once, within minutes."""

    __tablename__ = "sign_in_links"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)

    user: Mapped[User] = relationship()


class Token(Model):
    """What a program shows: only the hash is kept, and the first characters to tell tokens
    apart."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index("ix_tokens_name_in_use", "name", unique=True, postgresql_where="revoked_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    prefix: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    created_at: Mapped[datetime] = mapped_column(Moment, default=_now, server_default=text("now()"))
    last_used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class Display(Model):
    """A link that shows the dashboard, read-only, on a screen on the wall."""

    __tablename__ = "displays"
    __table_args__ = (
        Index(
            "ix_displays_name_in_use", "name", unique=True, postgresql_where="revoked_at IS NULL"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=_now, server_default=text("now()"))
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class AuditEntry(Model):
    """Who did what to what, and when. Written with what was done, never changed."""

    __tablename__ = "audit_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(
        Moment, default=_now, server_default=text("now()"), index=True
    )
    actor: Mapped[str] = mapped_column(String(EMAIL_LENGTH))
    action: Mapped[str] = mapped_column(String(60))
    target: Mapped[str] = mapped_column(String(300), default="", server_default="")
    detail: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
