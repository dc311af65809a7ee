"""Who is asking: a person, a program's token or a display; and what there is to be allowed."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["viewer", "operator"]
Kind = Literal["person", "token", "display"]
Audience = Literal["full", "initials", "hidden"]

ROLES: tuple[Role, ...] = ("viewer", "operator")  # each may all that those before it may
SCOPES = (
    "stream:read",
    "orders:write",
    "products:write",
    "metrics:write",
    "alerts:write",
    "ops:read",
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a request is made for.

    `key` names one sign-in, token or display, such as "user:3:57", "token:7" or "display:2":
    when it stops being valid, so do its streams. `owner` is the same for every browser of one
    person. `name` is for people to read ("mara"), `label` for the audit log ("mara@shop.test").
    """

    kind: Kind
    key: str
    owner: str
    name: str
    label: str
    role: Role | None = None
    scopes: frozenset[str] = frozenset()
    audience: Audience = "full"

    def has_role(self, wanted: Role | None) -> bool:
        """Whether this is a person with at least the role; None is no role a person can have."""
        if wanted is None or self.role is None:
            return False
        return ROLES.index(self.role) >= ROLES.index(wanted)
