"""Deleting a contact: profile, timeline, files and what users were told of it go; the counters stay as they are."""

import logging
from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any

import msgspec

from domain.errors import StoreError
from domain.identities import MERGES_ID, Identity
from domain.models import Source
from store.automations import AutomationsKept
from store.base import check_contact, status_of
from store.entries import encode_json
from store.run_histories import RunHistories

log = logging.getLogger(__name__)

#: How often a contact is read again because it changed between reading and deleting.
MOST_READS = 20
_FIELDS = ("identity", "identities", "tags", "merged_into", "created_at", "version")
_WORDS = ("ok", "unknown", "busy", "changed")


class Deleted(StrEnum):
    """What came of it."""

    DONE = "done"
    UNKNOWN = "unknown"  # there is no such contact, or not any more
    MERGED = "merged"  # it is part of another one, which is to be deleted instead
    BUSY = "busy"  # a worker has its turn at this moment, or contacts are being merged: try again
    CHANGED = "changed"  # it is not the version that was asked for


class Deleting(AutomationsKept, RunHistories):
    """The store's eraser."""

    def delete_contact(self, contact: str, by: dict[str, Any] | None, *, version: int | None = None) -> Deleted:
        """Delete a contact, and then everything that was merged into it. Raises StoreError.

        by: who closes a conversation that is still open; None for the API and the platform itself. version: delete
        only if the contact has not changed since. Whatever but DONE is returned, nothing was deleted of it. What a
        crash, or a worker that has a part's turn, leaves of the parts is for finish_deletes().
        Native ids of messages are remembered for as long as ever, so that one that is delivered again stays unheard;
        whoever writes anew is a new contact under the same id.
        """
        check_contact(contact)
        fields = self._read_fields(contact)
        if "identity" not in fields:
            return Deleted.UNKNOWN
        if "merged_into" in fields:
            return Deleted.MERGED
        if self._is_merging():
            return Deleted.BUSY
        deleted = self._delete_one(contact, by, version=version)
        if deleted is Deleted.DONE:
            try:
                self._forget([contact])
                self.finish_deletes(by)
            except StoreError as error:
                log.warning("delete.unfinished error=%s", error)
        return deleted

    def finish_deletes(self, by: dict[str, Any] | None = None) -> set[str]:
        """Delete the parts of contacts that were deleted; return those of which a worker has the turn.

        Any process may do so, at any time. Raises StoreError.
        """
        left: set[str] = set()
        # Who is deleted may have parts as well, which are noted then.
        while found := [one for one in self._leftovers() if one[1] not in left]:
            for key, part, primary, created_at in found:
                deleted = self._delete_one(part, by, family=(primary,), created_at=created_at)
                if deleted is Deleted.BUSY:
                    left.add(part)
                else:
                    self._forget([part, primary])
                    self._cross_out(key, f"{part}|{primary}|{created_at}")
        return left

    def _leftovers(self) -> list[tuple[str, str, str, str]]:
        """Key, part, the contact that it was merged into, and when we first heard of the part."""
        keys = [self.keys.leftovers(partition) for partition in self.keys.each()]

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for key in keys:
                pipeline.zrange(key, 0, -1)
            return pipeline.execute()

        answers = self.connection.command(read)
        return [(key, *member.split("|")) for key, members in zip(keys, answers, strict=True) for member in members]

    def _cross_out(self, key: str, member: str) -> None:
        self.connection.command(lambda client: client.zrem(key, member))

    def _is_merging(self) -> bool:
        """Some merge is under way: who is half in another contact is not yet among its parts."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.hmget(self.keys.contact(MERGES_ID), "base", "cursor")
            pipeline.llen(self.keys.timeline(MERGES_ID))
            return pipeline.execute()

        (base, cursor), length = self.connection.command(read)
        return int(cursor or 0) < int(base or 0) + int(length)

    def delete_orphan(self, contact: str) -> None:
        """Delete a contact that was merged into one that was deleted meanwhile, and whatever is between them.

        Does nothing to others. Raises StoreError.
        """
        check_contact(contact)
        chain, fields = [contact], self._read_fields(contact)
        created_at = [fields.get("created_at", "")]
        while (primary := fields.get("merged_into", "")) and primary not in chain:
            chain.append(primary)
            fields = self._read_fields(primary)
            created_at.append(fields.get("created_at", ""))
        if "identity" in fields:
            return
        for (part, primary), heard_at in reversed(list(zip(pairwise(chain), created_at, strict=False))):
            if self._delete_one(part, None, family=(primary,), created_at=heard_at) is Deleted.BUSY:
                raise StoreError("a worker has the contact's turn")
        self._forget(chain)

    def _delete_one(
        self,
        contact: str,
        by: dict[str, Any] | None,
        *,
        family: Sequence[str] = (),
        created_at: str = "",
        version: int | None = None,
    ) -> Deleted:
        """family: delete it only while it is merged into one of these; none: only while it is not merged.

        created_at: only if we first heard of it then; empty: whenever that was.
        """
        for _ in range(MOST_READS):
            fields = self._read_fields(contact)
            if "identity" not in fields:
                return Deleted.UNKNOWN
            if fields.get("merged_into") not in (family or (None,)):
                return Deleted.MERGED
            if created_at and fields.get("created_at") != created_at:
                return Deleted.CHANGED
            word = self._run_delete(contact, fields, by, version)
            if word == "ok":
                return Deleted.DONE
            if word != "changed":
                return Deleted(word)
            if version is not None and self._read_fields(contact).get("version", "0") != str(version):
                return Deleted.CHANGED
        return Deleted.BUSY

    def _run_delete(self, contact: str, fields: dict[str, str], by: dict[str, Any] | None, version: int | None) -> str:
        keys, partition = self.keys, self.keys.partition(contact)
        identities = [fields["identity"], *msgspec.json.decode(fields.get("identities") or "[]")]
        labels = [f"channel:{Identity.parse(identity).channel}" for identity in identities]
        labels += [f"tag:{tag}" for tag in msgspec.json.decode(fields.get("tags") or "[]")]
        names = list(dict.fromkeys(labels))
        users = self.connection.command(lambda client: client.hkeys(keys.users))
        call = self._call(
            "delete_contact",
            contact,
            fields.get("tags", ""),
            fields.get("identities", ""),
            fields.get("merged_into", ""),
            fields.get("created_at", ""),
            "" if version is None else version,
            Source.USER if by else Source.API,
            encode_json(by) if by else "",
            len(names),
            extra_keys=[
                keys.terms(partition),
                keys.early(contact),
                keys.seen_by(contact),
                keys.files(contact),
                keys.file_contents(contact),
                keys.typing(contact),
                keys.typing_shown(contact),
                keys.profile_asked(contact),
                keys.leftovers(partition),
                *(keys.label(partition, name) for name in names),
                *(keys.notices(partition, user) for user in users),
            ],
        )
        return status_of(self.connection.run(call), _WORDS)

    def _forget(self, contacts: Sequence[str]) -> None:
        """Take the contacts out of what is kept about others as well, or in other partitions."""
        self._forget_answers(contacts)
        automations = [item.id for item in self.automations().items]
        for contact in contacts:
            self.forget_runs_of(contact, automations)

    def _forget_answers(self, contacts: Sequence[str]) -> None:
        """What the bot answered last is in another partition."""
        key = self.keys.bot_log
        lines: list[str] = self.connection.command(lambda client: client.lrange(key, 0, -1))
        theirs = [line for line in lines if any(contact in line for contact in contacts)]

        def remove(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for line in theirs:
                pipeline.lrem(key, 0, line)
            return pipeline.execute()

        if theirs:
            self.connection.command(remove)

    def _read_fields(self, contact: str) -> dict[str, str]:
        values = self.connection.command(lambda client: client.hmget(self.keys.contact(contact), _FIELDS))
        return {name: value for name, value in zip(_FIELDS, values, strict=True) if value is not None}
