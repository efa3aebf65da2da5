"""Who logs in: users, and the hashes of their passwords."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import msgspec

from domain.errors import Conflict, NotFound, StoreError
from domain.users import Role, User
from store.audit import Audit
from store.base import flag

SESSION_IDLE_S = 14 * 86_400
LIST_CACHED_MS = 2_000
_TRIES = 5
_LAST_OWNER = "This is the last owner who can log in: make somebody else an owner first."


class Users(Audit):
    """Users and passwords. Whoever acts is given as the card of a user, None for the command line."""

    _listed: tuple[int, dict[str, User]] = (-LIST_CACHED_MS, {})

    def users(self) -> list[User]:
        """Return everybody, the deactivated too, by name. Raises StoreError."""
        return _by_name(self._read_all().values())

    def assignable_users(self) -> list[User]:
        """Return, by name, who can be given a conversation: not the deactivated, nor who was invited and never came in.

        Raises StoreError.
        """

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            pipeline.hgetall(self.keys.users)
            pipeline.hkeys(self.keys.passwords)
            return pipeline.execute()

        stored, arrived = self.connection.command(read)
        found = (decode_user(stored[user]) for user in arrived if user in stored)
        return _by_name(user for user in found if user.is_active)

    def user(self, user: str) -> User | None:
        """Return a user as they were at most 2 s ago: to show and to choose, not to decide who is let in.

        Raises StoreError.
        """
        read_at, found = self._listed
        if self.now_ms() - read_at >= LIST_CACHED_MS or user not in found:
            found = self._read_all()
        return found.get(user)

    def read_user(self, user: str) -> User | None:
        """Return a user as they are now. Raises StoreError."""
        text = self.connection.command(lambda client: client.hget(self.keys.users, user))
        return decode_user(text) if text else None

    def find_user(self, email: str) -> User | None:
        """Return who has this email address, in either case. Raises StoreError."""
        user = self.connection.command(lambda client: client.hget(self.keys.user_emails, fold_email(email)))
        return self.read_user(user) if user else None

    def password_hash(self, user: str) -> str:
        """Return the hash of a user's password, empty before they have one. Raises StoreError."""
        return self.connection.command(lambda client: client.hget(self.keys.passwords, user)) or ""

    def has_users(self) -> bool:
        """Tell whether anybody can log in. Raises StoreError."""
        return bool(self.connection.command(lambda client: client.hlen(self.keys.passwords)))

    def invited(self) -> set[str]:
        """Return the ids of those who have no password yet. Raises StoreError."""
        users, known = self.connection.command(
            lambda client: (client.hkeys(self.keys.users), client.hkeys(self.keys.passwords))
        )
        return set(users) - set(known)

    def last_seen(self) -> dict[str, int]:
        """Return when each user was there last (ms). Raises StoreError."""
        stored = self.connection.command(lambda client: client.hgetall(self.keys.last_seen))
        return {user: int(at) for user, at in stored.items()}

    def change_user(
        self, user: str, change: Callable[[User], User], *, what: str = "", by: dict[str, Any] | None = None
    ) -> User:
        """Change a user by a function of what they are, and return what they are then.

        Who is deactivated is logged out everywhere and loses their link. what: the audit's word; empty keeps nothing.
        change: is asked again when somebody was faster; id and email address stay.
        Raises: NotFound, Conflict for the last owner who can log in, StoreError.
        """
        for _ in range(_TRIES):
            before, text = self._read_user(user)
            after = replace(change(before), id=before.id, email=before.email)
            if after == before:
                return before
            line = self._audit_line(what, by, user=after.card, **_changes(before, after)) if what else ""
            keys = [self.keys.audit, self.keys.users, self.keys.passwords, self.keys.owners]
            keys += [self.keys.link(user), self.keys.sessions(user)]
            is_owner = after.is_active and after.role is Role.OWNER
            args = (line, user, text, encode_user(after), flag(after.is_active), flag(is_owner))
            status = self._run_script("change_user", keys, args, ("ok", "changed", "last_owner"))
            if status == "last_owner":
                raise Conflict(_LAST_OWNER)
            if status == "ok":
                self._forget_list()
                self._tell(user)
                return after
        raise Conflict("Somebody else changed this user at the same time; try again.")

    def change_password(self, user: User, checked: str, new: str, *, keep_session: str = "") -> None:
        """Replace the hash that was checked; `keep_session` ends all other sessions, and makes it a new password.

        Raises: Conflict when it was replaced meanwhile, StoreError.
        """
        line = self._audit_line("user.password_changed", user.card, user=user.card) if keep_session else ""
        keys = [self.keys.audit, self.keys.passwords, self.keys.sessions(user.id), self.keys.link(user.id)]
        args = (line, user.id, checked, new, keep_session, SESSION_IDLE_S)
        if self._run_script("change_password", keys, args, ("ok", "changed")) == "changed":
            raise Conflict("Your password was changed somewhere else meanwhile.")
        self._tell(user.id)

    def _read_user(self, user: str) -> tuple[User, str]:
        text = self.connection.command(lambda client: client.hget(self.keys.users, user))
        if not text:
            raise NotFound("There is no such user.")
        return decode_user(text), text

    def _read_all(self) -> dict[str, User]:
        stored = self.connection.command(lambda client: client.hgetall(self.keys.users))
        found = {user: decode_user(text) for user, text in stored.items()}
        self._listed = (self.now_ms(), found)
        return found

    def _forget_list(self) -> None:
        self._listed = (-LIST_CACHED_MS, {})


def fold_email(email: str) -> str:
    """Return an email address in the form by which it is compared."""
    return email.strip().casefold()


def encode_user(user: User) -> str:
    """Return a user as they are stored."""
    return msgspec.json.encode(user).decode()


def decode_user(text: str) -> User:
    """Read a stored user. Raises StoreError."""
    try:
        return msgspec.json.decode(text, type=User)
    except msgspec.ValidationError as error:
        raise StoreError(f"a user in the store cannot be read: {error}") from error


def _by_name(users: Iterable[User]) -> list[User]:
    return sorted(users, key=lambda user: ((user.name or user.email).casefold(), user.id))


def _changes(before: User, after: User) -> dict[str, Any]:
    names = ("name", "role", "is_restricted", "is_active", "is_available")
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}
