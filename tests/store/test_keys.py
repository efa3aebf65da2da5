"""Key names: all of a contact in one slot, the partitions spread evenly over a cluster, and their number fixed."""

import pytest
from redis.crc import key_slot

from domain.errors import ConfigError
from domain.identities import contact_id
from store import Store
from store.keys import TAGS, Keys
from tests.conftest import make_store
from tests.people import PETAR_ID, SUSAN_ID
from tests.servers import Valkey

SLOTS = 16_384


@pytest.mark.parametrize("partitions", [2, 4, 8, 16, 32, 64])
def test_partitions_lie_evenly_over_a_clusters_slots(partitions: int) -> None:
    slots = [key_slot(f"{{{tag}}}due".encode()) for tag in TAGS[:partitions]]
    width = SLOTS // partitions
    assert sorted(slot // width for slot in slots) == list(range(partitions)), "one in each equal stretch of slots"


@pytest.mark.parametrize("nodes", [2, 3, 4, 5, 6, 8])
def test_no_node_of_a_cluster_has_many_more_partitions_than_another(nodes: int) -> None:
    counts = [0] * nodes
    for tag in TAGS[:16]:
        counts[key_slot(tag.encode()) * nodes // SLOTS] += 1
    assert max(counts) - min(counts) <= 2, counts


def test_no_two_partitions_share_a_tag() -> None:
    assert len(set(TAGS)) == len(TAGS) == 64


def test_contacts_spread_evenly_over_the_partitions() -> None:
    keys = Keys(16)
    counts = [0] * 16
    for i in range(16_000):
        counts[keys.partition(contact_id(f"facebook:1:{i}"))] += 1
    assert min(counts) > 850 and max(counts) < 1150, counts


@pytest.mark.parametrize("partitions", [1, 3, 16, 64])
@pytest.mark.parametrize("contact", [SUSAN_ID, PETAR_ID, *(contact_id(f"viber:shop:{i}") for i in range(20))])
def test_all_keys_of_a_contact_are_in_the_slot_of_its_partition(partitions: int, contact: str) -> None:
    keys = Keys(partitions)
    partition = keys.partition(contact)
    names = [
        *keys.of_contact(contact, 1_994_880),
        keys.contact(contact),
        keys.open(contact),
        keys.closed(contact),
        keys.timeline(contact),
        keys.early(contact),
        keys.seen(contact, 497_222),
        keys.due(partition),
        keys.inbox(partition),
        keys.closed_index(partition),
        keys.contacts(partition),
        keys.unassigned(partition),
        keys.needs_person(partition),
        keys.with_bot(partition),
        keys.mine(partition),
        keys.terms(partition),
        keys.seen_by(contact),
        keys.stats(partition, 1_994_880),
        keys.unmatched(partition),
        *(keys.label(partition, label) for label in ("channel:viber:shop", "tag:{a1}", "tag:}{")),
        keys.notices(partition, "{u}1"),
        # A platform's token may hold anything, also what looks like a tag of its own.
        *(keys.welcome(contact, token) for token in ("", "49126", "{a1}", "}{", "{}", "a b")),
    ]
    assert len({key_slot(name.encode()) for name in names}) == 1


def test_the_single_names_are_those_that_the_scripts_get() -> None:
    keys = Keys(16)
    given = keys.of_contact(SUSAN_ID, 1_994_880)
    partition = keys.partition(SUSAN_ID)
    named = (keys.contact(SUSAN_ID), keys.open(SUSAN_ID), keys.closed(SUSAN_ID), keys.timeline(SUSAN_ID))
    assert (*named, keys.due(partition), keys.inbox(partition)) == (*given[:4], given[5], given[6])
    assert (keys.unassigned(partition), keys.needs_person(partition), keys.mine(partition)) == tuple(given[7:10])
    assert (keys.closed_index(partition), keys.contacts(partition)) == (given[10], given[11])
    assert (keys.stats(partition, 1_994_880), keys.unmatched(partition)) == (given[13], given[14])
    assert keys.with_bot(partition) == given[15]
    assert len(set(given)) == len(given) == 16


def test_what_is_not_a_contacts_does_not_depend_on_the_number_of_partitions() -> None:
    def names(keys: Keys) -> tuple[str, ...]:
        sums = (keys.days("Europe/Sofia", 0), keys.summaries("Europe/Sofia", 0, "bot", ""), keys.roll_up, keys.sums)
        return keys.settings, keys.rejected, keys.tag_names, keys.partition_count, keys.pause("viber:shop"), *sums

    assert names(Keys(1)) == names(Keys(16)) == names(Keys(64))
    assert len({key_slot(name.encode()) for name in names(Keys(16))}) == 1


@pytest.mark.parametrize("partitions", [0, -1, 65])
def test_a_number_of_partitions_beyond_the_table_is_refused(partitions: int) -> None:
    with pytest.raises(ValueError, match="1 to 64"):
        Keys(partitions)


def test_a_store_remembers_its_number_of_partitions_and_another_one_does_not_start(
    store: Store, valkey: Valkey
) -> None:
    other = Store(valkey.url, partitions=32, max_connections=2, timeout_s=5)
    with pytest.raises(ConfigError, match="made with 16, not 32; set PARTITIONS=16"):
        other.start()
    make_store(valkey).start()
