"""Finding contacts by what people type: a name, phone, email, tag, an identity, or an id."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from domain.identities import Identity, contact_id, is_contact_id, parse_conversation_id
from domain.models import Contact, Letter, OpenConversation
from domain.search_terms import fold, normalize, normalize_phone
from domain.texts import clean
from store.base import check_contact
from store.entries import decode_entry
from store.listing import Listing

#: Behind everything that begins with a term: no text has this byte in UTF-8.
_LAST = b"\xff"
MOST_TAGS = 1_000
#: So many merges are followed, one into the next.
MOST_MERGES = 10
#: When a contact wrote last is looked for among so many last entries.
LOOK_BACK = 200
_BY_CONTACT = (Letter.MESSAGE, Letter.WELCOME_OPENING, Letter.WELCOME)

Found = tuple[Contact, OpenConversation | None]


class Searching(Listing):
    """The search box."""

    def search(self, text: str, limit: int, channels: Sequence[str] = ()) -> list[Found]:
        """Return up to `limit` contacts that fit, those first that fit whole.

        text: the beginning of a name (from any of its words on), phone or email; or a whole tag, identity, contact's
        or conversation's id, or what a platform calls the contact. channels: connected ones, as `kind:account`.
        Raises StoreError.
        """
        wanted = clean(text).strip()
        if not wanted:
            return []
        named = self._followed(_named(wanted, channels))
        by_term = self._by_terms(wanted, limit) if len(named) < limit else []
        by_tag = self._by_tag(wanted, limit) if len(named) < limit else []
        known = {contact.id for contact, _ in named}
        more = list(dict.fromkeys(one for one in (*by_term, *by_tag) if one not in known))[:limit]
        found = [*named, *(pair for pair in self._contacts(more) if pair and not pair[0].merged_into)]
        return found[:limit]

    def with_term(self, term: str, limit: int) -> list[str]:
        """Return contacts that are found under exactly this term (of one name, phone or email). Raises StoreError."""
        members = self._members(f"{term}\0", limit)
        return [member.rpartition("\0")[2] for member in members]

    def tags(self) -> list[str]:
        """Return every tag that was ever given, in order. Raises StoreError."""
        key = self.keys.tag_names
        return list(self.connection.command(lambda client: client.zrange(key, 0, MOST_TAGS - 1)))

    def know_tags(self, tags: Iterable[str]) -> None:
        """Offer these tags from now on, the first 1,000. Before a contact gets them: one too many does no harm."""
        names, key = dict.fromkeys(tags, 0), self.keys.tag_names
        if names and self.connection.command(lambda client: client.zcard(key)) < MOST_TAGS:
            self.connection.command(lambda client: client.zadd(key, names))

    def last_incoming_at_ms(self, contact: str, identity: Identity) -> int | None:
        """Return when the contact wrote last from `identity`, by the platform's time; None where that is not known or
        further back than the last 200 entries. Raises StoreError.
        """
        check_contact(contact)
        # What came before a merge stands on the timeline of the contact that the identity made, and names none.
        own, wanted = contact_id(identity), str(identity)
        contacts = list(dict.fromkeys((contact, own)))

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for one in contacts:
                pipeline.lrange(self.keys.timeline(one), -LOOK_BACK, -1)
            return pipeline.execute()

        for one, stored in zip(contacts, self.connection.command(read), strict=True):
            for number, entry in reversed(list(enumerate(stored))):
                if entry[0] in _BY_CONTACT:
                    data = decode_entry(number, entry).data
                    if data.get("identity", wanted if one == own else "") == wanted:
                        return int(data.get("sent_at") or data["at"])
        return None

    def _followed(self, contacts: list[str]) -> list[Found]:
        """What is known of those that exist; whoever was merged is found as the one they were merged into."""
        found: dict[str, Found] = {}
        for _ in range(MOST_MERGES):
            pairs = [pair for pair in self._contacts(contacts) if pair]
            found |= {pair[0].id: pair for pair in pairs if not pair[0].merged_into}
            contacts = list(dict.fromkeys(contact.merged_into for contact, _ in pairs if contact.merged_into))
            if not contacts:
                break
        return list(found.values())

    def _by_terms(self, wanted: str, limit: int) -> list[str]:
        terms = [fold(wanted) if "@" in wanted else normalize(wanted)]
        if (phone := normalize_phone(wanted)).lstrip("+").isdigit():
            terms += [phone] if phone.startswith("+") else [phone, f"+{phone}"]
        members = chain(*(self._members(term, limit) for term in terms if term))
        # What fits whole comes first, then in the order of the alphabet.
        ordered = sorted(members, key=lambda member: (member.rpartition("\0")[0] not in terms, member))
        return [member.rpartition("\0")[2] for member in ordered]

    def _members(self, beginning: str, limit: int) -> list[str]:
        low, high = f"[{beginning}", f"({beginning}".encode() + _LAST

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for partition in self.keys.each():
                pipeline.zrange(self.keys.terms(partition), low, high, bylex=True, offset=0, num=limit)
            return pipeline.execute()

        return list(chain(*self.connection.command(read)))

    def _by_tag(self, wanted: str, limit: int) -> list[str]:
        bare = wanted.removeprefix("#")
        folded = normalize(bare)
        tags = dict.fromkeys((bare, *(tag for tag in self.tags() if normalize(tag) == folded)))

        def read(client: Any) -> Any:
            pipeline = client.pipeline(transaction=False)
            for tag in tags:
                for partition in self.keys.each():
                    pipeline.zrange(self.keys.label(partition, f"tag:{tag}"), 0, limit - 1)
            return pipeline.execute()

        return list(chain(*self.connection.command(read)))


def _named(wanted: str, channels: Sequence[str]) -> list[str]:
    """The contacts that a text names by an id of ours, an identity, or a platform's word for them."""
    if conversation := parse_conversation_id(wanted):
        return [conversation[0]]
    if is_contact_id(bare := wanted.removeprefix("id:")):
        return [bare]
    found = []
    if wanted.count(":") >= 2 and all(wanted.split(":", 2)):
        found.append(contact_id(wanted))
    if " " not in wanted:
        found += [contact_id(f"{channel}:{wanted}") for channel in channels]
    return found
