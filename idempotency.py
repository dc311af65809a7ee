"""Idempotency-Key: the same request twice is carried out once and answered the same.

After draft-ietf-httpapi-idempotency-key-header. The answer is kept in the transaction that makes
the change: a crash leaves both or neither. What failed keeps nothing and may be tried again.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, g, json, request
from sqlalchemy import JSON, Integer, String, delete, func, or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

import shop
import upkeep
from extensions import Model, db
from problems import Problem, invalid, unavailable

KEPT_FOR = timedelta(hours=24)
MAX_KEY_LENGTH = 255
_CLAIMED = 0  # the status of a key whose request is under way

P = ParamSpec("P")


class KeptAnswer(Model):
    """The answer to a request that had an Idempotency-Key."""

    __tablename__ = "idempotency_keys"

    owner: Mapped[str] = mapped_column(String(100), primary_key=True)
    key: Mapped[str] = mapped_column(String(MAX_KEY_LENGTH), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[Any] = mapped_column(JSON)
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(
        db.DateTime(timezone=True), server_default=func.now(), index=True
    )


class _TakenMeanwhile(Exception):
    """The same request was carried out between our claim and our commit."""


def idempotent(view: Callable[P, Any]) -> Callable[P, Any]:
    """Answer a repeated request like the first; its service has to call `keep_answer`'s result.

    The key is claimed first, in the transaction of the view: a second request of the same moment
    waits here, with nothing else locked, until the first has an answer or has failed.
    """

    @wraps(view)
    def answer_once(*args: P.args, **kwargs: P.kwargs) -> Any:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(*args, **kwargs)
        if not key or len(key) > MAX_KEY_LENGTH or not (key.isascii() and key.isprintable()):
            raise invalid(
                ("Idempotency-Key", f"must be 1 to {MAX_KEY_LENGTH} printable ASCII characters")
            )
        if not _write(key, status=_CLAIMED):
            return _replay(key)
        g.idempotency_key = key
        try:
            return view(*args, **kwargs)
        except _TakenMeanwhile:
            db.session.rollback()
            return _replay(key)

    answer_once.idempotent = True  # type: ignore[attr-defined]
    return answer_once


def keep_answer(
    render: Callable[[Any], Any],
    status: int = 200,
    headers: Callable[[Any], dict[str, str]] = lambda _: {},
) -> Callable[[Any], None]:
    """What a service calls right before its commit, with what it is going to return."""

    def keep(result: Any) -> None:
        key = g.get("idempotency_key")
        if key is None:
            return
        if not _write(key, status=status, body=render(result), headers=headers(result)):
            raise _TakenMeanwhile

    return keep


def first_time(key: str) -> bool:
    """Claim the key that a form carries, in the transaction of what it asks for.

    False if it has been done; a second press of the same moment waits here until that is known.
    """
    return _write(f"form {key}", status=303)


def _write(
    key: str, *, status: int, body: Any = None, headers: Mapping[str, str] | None = None
) -> bool:
    """Claim the key, or keep its answer. False if it has an answer that is still good."""
    fields = {
        "request_hash": _request_hash(),
        "status": status,
        "body": body,
        "headers": headers or {},
        "created_at": func.now(),
    }
    free = or_(KeptAnswer.status == _CLAIMED, KeptAnswer.created_at < shop.now() - KEPT_FOR)
    written = db.session.execute(
        insert(KeptAnswer)
        .values(owner=g.principal.key, key=key, **fields)
        .on_conflict_do_update(index_elements=["owner", "key"], set_=fields, where=free)
        .returning(KeptAnswer.key)
    )
    return written.first() is not None


@upkeep.job
def forget_old() -> None:
    """Delete what is older than 24 hours."""
    db.session.execute(delete(KeptAnswer).where(KeptAnswer.created_at < shop.now() - KEPT_FOR))
    db.session.commit()


def _replay(key: str) -> Response:
    kept = db.session.get(KeptAnswer, (g.principal.key, key))
    if kept is None:
        raise unavailable("The answer kept for this Idempotency-Key")
    if kept.request_hash != _request_hash():
        raise Problem(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key was used for another request",
            "A new request needs a new key; only the same request again is answered as before.",
            errors=[{"field": "Idempotency-Key", "message": "was used with another body"}],
        )
    response = Response(json.dumps(kept.body), kept.status, content_type="application/json")
    response.headers.update(kept.headers)
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _request_hash() -> str:
    """Of what was asked: method, path and the JSON itself, however it was spaced."""
    asked = [request.method, request.path, request.get_json(silent=True)]
    text = json.dumps(asked, sort_keys=True, ensure_ascii=True)  # lone surrogates, too
    return hashlib.sha256(text.encode()).hexdigest()
