"""The name of every key of contacts and of what changes with them; store/platform_keys.py has the others.

Everything of one contact, and the indexes that change with it, carries its partition's hash tag, so that one script
reaches all of it, on one server and on a cluster.
"""

import zlib
from collections.abc import Iterator

from store.platform_keys import PlatformKeys

#: Tags that lie evenly over a cluster's 16,384 slots; the first 2, 4, 8 … of them do, too. Never change one.
TAGS: tuple[str, ...] = (
    *("bl", "bj", "cs", "bk", "c2", "eg", "ja", "c5", "aa", "ag", "g3", "af", "f", "fj", "fm", "a"),
    *("e0", "ce", "cb", "bz", "dn", "ev", "do", "di", "ap", "1", "6", "aw", "w", "a6", "a1", "p"),
    *("bd", "d1", "d6", "bc", "dw", "eo", "eh", "dp", "ai", "op", "ow", "an", "n", "fb", "fe", "i"),
    *("bu", "cm", "bt", "br", "df", "b3", "b4", "b2", "ax", "9", "ay", "8", "gk", "fs", "a9", "x"),
)
WAKE_CHANNEL = "markdone:wake"
NOTIFY_CHANNEL = "markdone:notify"
TYPING_CHANNEL = "markdone:typing"


class Keys(PlatformKeys):
    """Key names for a store of `partitions` partitions (1 to 64)."""

    def __init__(self, partitions: int) -> None:
        if not 1 <= partitions <= len(TAGS):
            raise ValueError(f"a store has 1 to {len(TAGS)} partitions")
        super().__init__([f"{{{tag}}}" for tag in TAGS[:partitions]])
        self.partitions = partitions

    def partition(self, contact: str) -> int:
        """Return the partition that holds this contact."""
        return zlib.crc32(contact.encode()) % self.partitions

    def each(self) -> Iterator[int]:
        """Yield every partition's number."""
        yield from range(self.partitions)

    def of_contact(self, contact: str, quarter: int) -> list[str]:
        """Return KEYS[1..16] of the scripts about one contact, as store/lua/shared/contact_keys.lua lists them."""
        p = self._prefixes[self.partition(contact)]
        return [
            f"{p}contact:{contact}",
            f"{p}open:{contact}",
            f"{p}closed:{contact}",
            f"{p}timeline:{contact}",
            f"{p}pending:{contact}",
            f"{p}due",
            f"{p}inbox",
            f"{p}inbox:unassigned",
            f"{p}inbox:needs_person",
            f"{p}mine",
            f"{p}closed",
            f"{p}contacts",
            f"{p}late",
            f"{p}stats:{quarter}",
            f"{p}unmatched",
            f"{p}inbox:with_bot",
        ]

    def contact(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}contact:{contact}"

    def open(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}open:{contact}"

    def closed(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}closed:{contact}"

    def timeline(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}timeline:{contact}"

    def early(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}early:{contact}"

    def seen(self, contact: str, hour: int) -> str:
        return f"{self._prefixes[self.partition(contact)]}seen:{hour}"

    def welcome(self, contact: str, token: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}welcome:{token}"

    def due(self, partition: int) -> str:
        return f"{self._prefixes[partition]}due"

    def inbox(self, partition: int) -> str:
        return f"{self._prefixes[partition]}inbox"

    def unassigned(self, partition: int) -> str:
        return f"{self._prefixes[partition]}inbox:unassigned"

    def needs_person(self, partition: int) -> str:
        return f"{self._prefixes[partition]}inbox:needs_person"

    def with_bot(self, partition: int) -> str:
        return f"{self._prefixes[partition]}inbox:with_bot"

    def mine(self, partition: int) -> str:
        return f"{self._prefixes[partition]}mine"

    def label(self, partition: int, label: str) -> str:
        """Contacts that carry a label: `tag:<name>` or `channel:<kind:account>`."""
        return f"{self._prefixes[partition]}label:{label}"

    def terms(self, partition: int) -> str:
        """Under which words contacts are found, in lexical order: `<term> <contact>`, the space being a zero byte."""
        return f"{self._prefixes[partition]}terms"

    def notices(self, partition: int, user: str) -> str:
        """What a user is to be told about contacts of this partition."""
        return f"{self._prefixes[partition]}notices:{user}"

    def seen_by(self, contact: str) -> str:
        """How far each user has seen a contact's open conversation."""
        return f"{self._prefixes[self.partition(contact)]}seen_by:{contact}"

    def files(self, contact: str) -> str:
        """What the files that were sent to a contact are, by token."""
        return f"{self._prefixes[self.partition(contact)]}files:{contact}"

    def file_contents(self, contact: str) -> str:
        """Their bytes, by token."""
        return f"{self._prefixes[self.partition(contact)]}file_contents:{contact}"

    def typing(self, contact: str) -> str:
        return f"{self._prefixes[self.partition(contact)]}typing:{contact}"

    def typing_shown(self, contact: str) -> str:
        """There while some worker shows a contact that somebody types."""
        return f"{self._prefixes[self.partition(contact)]}typing_shown:{contact}"

    def profile_asked(self, contact: str) -> str:
        """There for a day after some worker asked the platform for a contact's name."""
        return f"{self._prefixes[self.partition(contact)]}profile_asked:{contact}"

    def late(self, partition: int) -> str:
        """What is known for seven days by its key: effects, operations, events that carry no usable time."""
        return f"{self._prefixes[partition]}late"

    def leftovers(self, partition: int) -> str:
        """Parts of contacts that were deleted: `<part>|<contact>|<when we first heard of the part>`."""
        return f"{self._prefixes[partition]}leftovers"

    @property
    def tag_names(self) -> str:
        """Every tag that was ever given, in lexical order."""
        return f"{self._prefixes[0]}tags"

    def stats(self, partition: int, quarter: int) -> str:
        """What was counted in a quarter of an hour, which is numbered from the epoch on."""
        return f"{self._prefixes[partition]}stats:{quarter}"

    def unmatched(self, partition: int) -> str:
        """Messages that the bot had no intent for: `<contact>|<entry>`."""
        return f"{self._prefixes[partition]}unmatched"

    def days(self, zone: str, generation: int) -> str:
        """The counters of whole days of a time zone, by date."""
        return f"{self.all_days}{generation}:{zone}"

    @property
    def all_days(self) -> str:
        """What the names of all of them begin with."""
        return f"{self._prefixes[0]}days:"

    def summaries(self, zone: str, generation: int, report: str, filters: str) -> str:
        """What a report needs of each day, by date; see store/summaries.py."""
        return f"{self.all_summaries}{generation}:{zone}:{report}:{filters}"

    @property
    def all_summaries(self) -> str:
        """What the names of all of them begin with."""
        return f"{self._prefixes[0]}summaries:"

    @property
    def roll_up(self) -> str:
        """Whose minute it is to sum up what was counted."""
        return f"{self._prefixes[0]}roll_up"

    @property
    def plays(self) -> str:
        """When each play of `flask --app app demo` began, by its name."""
        return f"{self._prefixes[0]}plays"

    @property
    def sums(self) -> str:
        """The first quarter of an hour that anything can have been counted in, and which generation of sums is read."""
        return f"{self._prefixes[0]}sums"

    def closed_index(self, partition: int) -> str:
        return f"{self._prefixes[partition]}closed"

    def contacts(self, partition: int) -> str:
        return f"{self._prefixes[partition]}contacts"

    @property
    def partition_count(self) -> str:
        """Not tagged by number of partitions: it is what tells how many there are."""
        return f"{{{TAGS[0]}}}partitions"
