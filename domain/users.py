"""Who logs in, and what each role may do."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a user is trusted with; each may do what the next one may, and more."""

    OWNER = "owner"  # users, roles, everything
    MANAGER = "manager"  # settings, deleting and merging contacts
    AGENT = "agent"  # conversations and contacts

    def includes(self, other: "Role") -> bool:
        """Tell whether this role may do whatever `other` may."""
        ranks = list(Role)
        return ranks.index(self) <= ranks.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who logs in. Times are epoch milliseconds.

    is_restricted: an agent who sees only conversations of their own and those that nobody has.
    """

    id: str
    email: str
    name: str
    role: Role
    is_restricted: bool = False
    is_active: bool = True
    is_available: bool = True
    created_at_ms: int = 0

    @property
    def card(self) -> dict[str, Any]:
        """What entries and conversations keep of a user: readable for ever, also when the user is gone."""
        return {"id": self.id, "email": self.email, "name": self.name}

    @property
    def sees_all(self) -> bool:
        """An owner or manager always does, whatever was ticked while they were an agent."""
        return self.role is not Role.AGENT or not self.is_restricted
