"""Files that users send, kept with the contact whom they are for: whoever knows an address may fetch the file."""

import secrets
from dataclasses import dataclass
from typing import Any

import msgspec

from domain.errors import BadPayload, Conflict, NotFound
from store.base import StoreBase, check_contact
from store.entries import encode_json
from store.file_types import clean_name, sniff

#: Redis keeps everything in memory; the platforms would take more.
MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_FILES_PER_CONTACT = 200
#: 32 random bytes: the token is all that stands between a file and everybody.
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file without its bytes. kind: image, audio, video or file; content_type: what its bytes are."""

    contact: str
    token: str
    name: str
    kind: str
    content_type: str
    size_bytes: int
    at_ms: int

    @property
    def path(self) -> str:
        """Where web serves it; the name still has to be quoted."""
        return f"/files/{self.contact}/{self.token}/{self.name}"


class Files(StoreBase):
    """Two hashes for each contact, by token: what each file is, and its bytes."""

    def keep_file(self, contact: str, name: str, content: bytes) -> StoredFile:
        """Keep a file for a contact. Its kind is what its bytes say, whatever its name pretends.

        Raises BadPayload when it is empty or larger than MAX_FILE_BYTES, Conflict when the contact has
        MAX_FILES_PER_CONTACT already, NotFound for a contact that is gone, StoreError.
        """
        check_contact(contact)
        if not content:
            raise BadPayload("The file is empty.")
        if len(content) > MAX_FILE_BYTES:
            raise BadPayload(f"The file is too large: at most {MAX_FILE_BYTES // 1024 // 1024} MB can be sent.")
        found = sniff(content, name)
        kept = StoredFile(
            contact=contact,
            token=secrets.token_urlsafe(TOKEN_BYTES),
            name=clean_name(name, found),
            kind=found.kind,
            content_type=found.content_type,
            size_bytes=len(content),
            at_ms=self.now_ms(),
        )
        key = self.keys.contact(contact)
        if not self.connection.command(lambda client: client.exists(key)):
            raise NotFound("there is no such contact")
        self._write(kept, content)
        return kept

    def read_file(self, contact: str, token: str) -> tuple[StoredFile, bytes] | None:
        """Return a file with its bytes; None when there is none of that token. Raises StoreError."""
        check_contact(contact)
        known, contents = self.keys.files(contact), self.keys.file_contents(contact)
        about: str | None = self.connection.command(lambda client: client.hget(known, token))
        if about is None:
            return None
        content: bytes | None = self.connection.command(
            # Everything else in the store is text, and read as such.
            lambda client: client.execute_command("HGET", contents, token, NEVER_DECODE=True)
        )
        if content is None:
            return None
        return StoredFile(contact=contact, token=token, **msgspec.json.decode(about)), content

    def drop_file(self, contact: str, token: str) -> None:
        """Forget a file that was not sent after all; nothing to do when it is not there. Raises StoreError."""
        check_contact(contact)

        def drop(client: Any) -> Any:
            pipeline = client.pipeline()
            for key in self.file_keys(contact):
                pipeline.hdel(key, token)
            return pipeline.execute()

        self.connection.command(drop)

    def file_keys(self, contact: str) -> list[str]:
        """Return the keys to delete so that none of a contact's files is left."""
        return [self.keys.files(contact), self.keys.file_contents(contact)]

    def _write(self, kept: StoredFile, content: bytes) -> None:
        known, contents = self.keys.files(kept.contact), self.keys.file_contents(kept.contact)
        about = {
            "name": kept.name,
            "kind": kept.kind,
            "content_type": kept.content_type,
            "size_bytes": kept.size_bytes,
            "at_ms": kept.at_ms,
        }

        def write(client: Any) -> Any:
            pipeline = client.pipeline()
            pipeline.hset(contents, kept.token, content)
            pipeline.hset(known, kept.token, encode_json(about))
            pipeline.hlen(known)
            return pipeline.execute()

        # Counted afterwards: two users who send at once would both see room for one more.
        if self.connection.command(write)[-1] > MAX_FILES_PER_CONTACT:
            self.drop_file(kept.contact, kept.token)
            raise Conflict(
                f"This contact has {MAX_FILES_PER_CONTACT} files already, which is the most that is kept. "
                "Send a link instead."
            )
