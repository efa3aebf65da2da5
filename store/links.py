"""One-time links: by them the first owner, the invited, and those who forgot their password come in."""

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from domain.errors import Conflict, NotFound
from domain.users import Role, User
from store.base import flag
from store.users import Users, encode_user, fold_email

TOKEN_BYTES = 32
INVITE_S = 7 * 86_400
RESET_S = 86_400
#: The first owner's link is good until it is used; the next start of the platform makes another in its place.
FIRST_S = 365 * 86_400
_FIRST = "first"
_ID = re.compile(r"[a-z0-9]{1,32}")

_USED = (
    "This link has been used, or its time is over. If you used it yourself, log in with your password; "
    "else ask an owner for a new one."
)
_TAKEN = "Another user has this email address already."


class Purpose(StrEnum):
    """What a one-time link is for."""

    FIRST = "first"  # makes the first owner
    INVITE = "invite"  # somebody who has no password yet
    RESET = "reset"  # somebody who has one


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that can be used. user: whom it lets in, None for the first owner; stored: as Redis has it."""

    purpose: Purpose
    user: User | None
    expires_at_ms: int
    stored: str


class Links(Users):
    """Invitations and other links. A user has one at a time; only the hash of its token is stored."""

    def add_user(
        self, email: str, role: Role, *, name: str = "", is_restricted: bool = False, by: dict[str, Any] | None = None
    ) -> tuple[User, str]:
        """Add a user and return them with the token of their invitation.

        Raises: Conflict when somebody has the address already, StoreError.
        """
        user = User(
            id=secrets.token_hex(8),
            email=email.strip(),
            name=name,
            role=role,
            is_restricted=is_restricted,
            created_at_ms=self.now_ms(),
        )
        token, stored = self._new_link(user.id, Purpose.INVITE, INVITE_S)
        line = self._audit_line("user.invited", by, user=user.card, role=str(role))
        keys = [self.keys.audit, self.keys.users, self.keys.user_emails, self.keys.link(user.id)]
        args = (line, user.id, fold_email(email), encode_user(user), stored, INVITE_S)
        if self._run_script("add_user", keys, args, ("ok", "taken")) == "taken":
            raise Conflict(_TAKEN)
        self._forget_list()
        return user, token

    def make_link(self, user: str, *, by: dict[str, Any] | None = None) -> str:
        """Return the token of a new link, which voids an older one: to come in, or to set a new password.

        Raises: NotFound, Conflict when the user is deactivated, StoreError.
        """
        found, text = self._read_user(user)
        if not found.is_active:
            raise Conflict("This user is deactivated; activate them first.")
        purpose = Purpose.RESET if self.password_hash(user) else Purpose.INVITE
        lives_s = RESET_S if purpose is Purpose.RESET else INVITE_S
        token, stored = self._new_link(user, purpose, lives_s)
        line = self._audit_line("user.link_made", by, user=found.card, purpose=str(purpose))
        if self._make_link(user, text, user, stored, line, lives_s) != "ok":
            raise Conflict("Somebody else changed this user at the same time; try again.")
        return token

    def make_first_link(self) -> str:
        """Return the token that makes the first owner, voiding the older ones; empty when somebody can log in.

        Raises: StoreError.
        """
        token, stored = self._new_link(_FIRST, Purpose.FIRST, FIRST_S)
        return token if self._make_link("", "", _FIRST, stored, "", FIRST_S) == "ok" else ""

    def find_link(self, token: str) -> Link:
        """Return what a token is good for. Raises: NotFound when it is used, too old or made up, StoreError."""
        holder, _, secret = token.partition(".")
        if not _ID.fullmatch(holder):
            raise NotFound(_USED)
        stored = self.connection.command(lambda client: client.get(self.keys.link(holder))) or ""
        purpose, _, rest = stored.partition(":")
        until, _, known = rest.partition(":")
        if not secrets.compare_digest(known, token_hash(secret)) or self.now_ms() >= int(until):
            raise NotFound(_USED)
        user = None if holder == _FIRST else self._read_user(holder)[0]
        if user and not user.is_active:
            raise NotFound(_USED)
        return Link(Purpose(purpose), user, int(until), stored)

    def use_link(self, link: Link, *, name: str, password_hash: str, email: str = "") -> User:
        """Set name and password, end all sessions of the user and consume the link; return the user.

        email: the first owner's; the others have theirs.
        Raises: NotFound when the link was used meanwhile, Conflict when the user changed or has an address that
        somebody else has, StoreError.
        """
        if link.user:
            before, text = self._read_user(link.user.id)
            after = replace(before, name=name)
        else:
            text = ""
            after = User(
                id=secrets.token_hex(8),
                email=email.strip(),
                name=name,
                role=Role.OWNER,
                created_at_ms=self.now_ms(),
            )
        line = self._audit_line("user.link_used", after.card, user=after.card, purpose=str(link.purpose))
        holder = after.id if link.user else _FIRST
        keys = [self.keys.audit, self.keys.users, self.keys.user_emails, self.keys.passwords, self.keys.owners]
        keys += [self.keys.link(holder), self.keys.sessions(after.id)]
        words = (line, after.id, text, encode_user(after), fold_email(after.email), password_hash, link.stored)
        args = (*words, flag(after.role is Role.OWNER))
        status = self._run_script("use_link", keys, args, ("ok", "used", "changed", "taken", "late"))
        if status in ("used", "late"):
            raise NotFound(_USED)
        if status != "ok":
            raise Conflict(_TAKEN if status == "taken" else "Somebody changed this user at the same time; try again.")
        self._forget_list()
        self._tell(after.id)
        return after

    def _make_link(self, user: str, text: str, holder: str, stored: str, line: str, lives_s: int) -> str:
        keys = [self.keys.audit, self.keys.users, self.keys.passwords, self.keys.link(holder)]
        return self._run_script("make_link", keys, (line, user, text, stored, lives_s), ("ok", "changed", "late"))

    def _new_link(self, holder: str, purpose: Purpose, lives_s: int) -> tuple[str, str]:
        secret = secrets.token_urlsafe(TOKEN_BYTES)
        until_ms = self.now_ms() + lives_s * 1000
        return f"{holder}.{secret}", f"{purpose}:{until_ms}:{token_hash(secret)}"


def token_hash(token: str) -> str:
    """Return what is stored of a random token: who reads the store cannot use it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
