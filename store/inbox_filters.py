"""What of a list a user may see."""

from typing import Any

import msgspec

from domain.inbox import InboxQuery, View
from store.inbox_rows import Candidate, InboxRows, contact_of


class InboxFilters(InboxRows):
    """Candidates judged one by one."""

    def fitting(self, query: InboxQuery, candidates: list[Candidate]) -> list[Candidate]:
        """Return those that the user may see and, of closed ones of their own, had. Raises StoreError."""
        if not query.is_open and query.view is View.MINE:
            candidates = self._closed_of(query.user.id, candidates)
        return candidates if query.user.sees_all else self._not_others(query.user.id, candidates)

    def _closed_of(self, user: str, candidates: list[Candidate]) -> list[Candidate]:
        """Of closed conversations, those that the user had."""

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for _, member in candidates:
                contact, _, number = member.rpartition("-")
                pipeline.hget(self.keys.closed(contact), number)
            return pipeline.execute()

        records = self._read(read, candidates)
        return [one for one, record in zip(candidates, records, strict=True) if record and _assignee(record) == user]

    def _not_others(self, user: str, candidates: list[Candidate]) -> list[Candidate]:
        """Those whose contact nobody else has: by the open conversation, else by the one that was closed last."""
        contacts = [contact_of(member) for _, member in candidates]

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for contact in contacts:
                pipeline.hmget(self.keys.open(contact), "number", "assignee_id")
                pipeline.hget(self.keys.contact(contact), "last_assignee_id")
            return pipeline.execute()

        answers = self._read(read, contacts)
        kept = []
        for candidate, (number, assignee), last in zip(candidates, answers[::2], answers[1::2], strict=True):
            if (assignee if number else last) in (None, user):
                kept.append(candidate)
        return kept


def _assignee(record: str) -> str | None:
    assignee = msgspec.json.decode(record).get("assignee")
    return str(assignee["id"]) if assignee else None
