"""Alerts: raised, escalated, acknowledged, resolved; never deleted."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from extensions import Model, db


class Alert(Model):
    """Something that ops should know of. At most one is open for a `subject`."""

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("severity IN ('info', 'warning', 'critical')", name="severity"),
        Index(
            "uq_alerts_open_subject",
            "subject",
            unique=True,
            postgresql_where="resolved_at IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    severity: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(64))
    message: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str | None] = mapped_column(String(64))
    product: Mapped[dict[str, str] | None] = mapped_column(db.JSON)
    created_at: Mapped[datetime] = mapped_column(
        db.DateTime(timezone=True), server_default=func.now()
    )
    acknowledged_by: Mapped[str | None] = mapped_column(String(200))
    acknowledged_at: Mapped[datetime | None] = mapped_column(db.DateTime(timezone=True))
    resolved_at: Mapped[datetime | None] = mapped_column(db.DateTime(timezone=True), index=True)
    version: Mapped[int] = mapped_column(BigInteger, server_default="1")
