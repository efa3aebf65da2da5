"""The scripts' own rules: a header that says what they take and do, every key in KEYS, only commands of Redis 7.0."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from domain.actions import (
    Assign,
    Block,
    ChangeProfile,
    Close,
    NeedPerson,
    NoteAnswer,
    NoteLine,
    NoteNotSent,
    Notify,
    Open,
    Pause,
    Send,
    SetBot,
)
from domain.arrivals import RecordReceipt, SettleByEcho
from domain.events import ReceiptStatus
from domain.identities import MERGES_ID, Identity, contact_id
from domain.inbox import InboxQuery, View
from domain.models import Letter, Sender, Source
from domain.sends import SendTag
from domain.users import Role
from store import Deleted, Position, Settled, Store
from store.scripts import load_scripts
from tests.conftest import make_store
from tests.lua_servers import ClusterNode, Monitor
from tests.people import ALICE, BOB, PETAR, SUSAN, message, take, welcome
from tests.servers import Valkey
from tests.store.watching import let_automations_run
from turns.merges import carry_out

LUA = Path(__file__).parents[1] / "store" / "lua"
SCRIPTS = sorted(path.stem for path in LUA.glob("*.lua"))
SHARED = sorted(path.stem for path in (LUA / "shared").glob("*.lua"))

#: What the scripts may call: commands with those options that Redis 7.0 and Valkey both have.
COMMANDS = {
    *("EXISTS", "DEL", "EXPIRE", "EXPIREAT", "GET", "SET", "PUBLISH"),
    *("HGET", "HSET", "HMGET", "HGETALL", "HDEL", "HEXISTS", "HINCRBY", "HLEN"),
    *("LINDEX", "LLEN", "LRANGE", "LPUSH", "LREM", "LSET", "LTRIM", "RPUSH"),
    *(
        "SADD",
        "SCARD",
        "SISMEMBER",
        "SREM",
        "UNLINK",
        "ZADD",
        "ZCARD",
        "ZCOUNT",
        "ZLEXCOUNT",
        "ZMSCORE",
        "ZRANGE",
        "ZREM",
        "ZREMRANGEBYRANK",
        "ZSCORE",
    ),
}
_CALL = re.compile(r"redis\.(?:p?call)\(\s*([^,)]+)(?:,\s*([^,)]+(?:\[\d+\])?))?")
#: Neither flag lets a script reach beyond its keys' slot.
_FIRST_LINE = re.compile(r"#!lua(?: flags=(?:no-writes|allow-oom))?\n")
_KEY_NAME = re.compile(r"[a-z_]+_key|KEYS\[\d+\]")


def source(name: str) -> str:
    return (LUA / f"{name}.lua").read_text()


def header(name: str) -> list[str]:
    """The comment lines at the top of a script, after `#!lua` and what it includes."""
    lines = source(name).splitlines()[1:]
    comment = []
    for line in lines:
        if not line.startswith("--"):
            break
        if not line.startswith("-- include: "):
            comment.append(line.removeprefix("-- "))
    return comment


def code(name: str) -> str:
    """A script without its comments, the shared parts included."""
    return "\n".join(line.partition("--")[0] for line in load_scripts()[name].body.splitlines())


def numbers(pattern: str, text: str) -> set[int]:
    """The numbers that `pattern` finds, ranges spelled out."""
    found: set[int] = set()
    for first, last in re.findall(pattern, text):
        found.update(range(int(first), int(last or first) + 1))
    return found


# -- The header


def test_there_are_scripts() -> None:
    assert "receive" in SCRIPTS and set(load_scripts()) == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_begins_with_lua_and_is_named_by_a_verb(name: str) -> None:
    for text in (source(name), load_scripts()[name].body):
        assert _FIRST_LINE.match(text) and text.count("#!lua") == 1
    assert "-- include:" not in load_scripts()[name].body, "a shared part was not put in"


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_header_says_in_order_what_it_does_its_keys_its_arguments_what_it_returns_and_emits(name: str) -> None:
    lines = header(name)
    assert lines[0][0].isupper() and lines[0].rstrip().endswith("."), "the first line is a sentence"
    kinds = [next((k for k in ("KEYS", "ARGV", "Returns", "Emits") if line.startswith(k)), "") for line in lines[1:]]
    order = [kind for kind in kinds if kind]
    assert order == sorted(order, key=["KEYS", "ARGV", "Returns", "Emits"].index)
    assert set(order) == {"KEYS", "ARGV", "Returns", "Emits"}
    assert order.count("Returns") == order.count("Emits") == 1


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_key_and_argument_that_is_used_is_documented_once(name: str) -> None:
    text = "\n".join(header(name))
    keys = numbers(r"KEYS\[(\d+)(?:\.\.(\d+))?\]", text)
    args = numbers(r"ARGV\[(\d+)(?:\.\.(\d+))?\]", text)
    used_keys, used_args = numbers(r"KEYS\[(\d+)()\]", code(name)), numbers(r"ARGV\[(\d+)()\]", code(name))
    assert used_keys <= keys and used_args <= args
    assert keys == set(range(1, max(keys) + 1)) and args == set(range(1, max(args) + 1)), "no gaps"
    for documented in re.findall(r"^(?:KEYS|ARGV)\[\d+\]", text, re.MULTILINE):
        assert len(re.findall(f"^{re.escape(documented)}", text, re.MULTILINE)) == 1, documented


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_key_and_argument_names_its_type(name: str) -> None:
    for line in header(name):
        if found := re.match(r"KEYS\[\d+\]\s+(\S+)\s+(\S+)", line):
            assert found[1] in ("string", "hash", "list", "set", "zset") and found[2].startswith("keys."), line
        if found := re.match(r"ARGV\[\d+\]\s+(\S+)", line):
            kinds = {"int", "string", "word", "letter", "JSON", "bytes", "0|1", "0|1|-"}
            assert found[1] in kinds, line


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_status_word_that_is_returned_is_documented(name: str) -> None:
    returns = "\n".join(header(name)).partition("Returns")[2]
    own = source(name).split("\n", 1)[1]
    words = set(re.findall(r"return \{ '(\w+)'", own))
    assert words and words == set(re.findall(r"\{(\w+)[,}]", returns))


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_that_says_it_emits_nothing_does_not(name: str) -> None:
    emits = "\n".join(header(name)).partition("Emits")[2].strip()
    own = source(name)
    wakes = any(word in own for word in ("wake()", "make_due(", "release_lease(", "PUBLISH"))
    assert wakes == (not emits.startswith("nothing"))


def test_the_shared_list_of_keys_is_the_one_that_the_scripts_get() -> None:
    text = (LUA / "shared" / "contact_keys.lua").read_text()
    documented = re.findall(r"^-- KEYS\[(\d+)\]", text, re.MULTILINE)
    store = Store("unix:///nowhere", partitions=16, max_connections=1, timeout_s=1)
    given = store.keys.of_contact(contact_id(SUSAN), 0)
    assert documented == [str(i + 1) for i in range(len(given))]


# -- What is called


@pytest.mark.parametrize("path", [*SCRIPTS, *(f"shared/{name}" for name in SHARED)])
def test_every_call_names_its_command_and_a_key_it_was_given(path: str) -> None:
    text = "\n".join(line.partition("--")[0] for line in source(path).splitlines())
    assert "pcall" not in text and "loadstring" not in text and "server.call" not in text
    for word, key in _CALL.findall(text):
        assert word.strip("'") in COMMANDS and word.startswith("'"), word
        if word != "'PUBLISH'":
            assert _KEY_NAME.fullmatch(key.strip()), f"{word} of {key}"
    for name, value in re.findall(r"local (\w+_key)\s*=\s*(.+)", text):
        assert re.fullmatch(r"KEYS\[(\d+|tonumber\(\w+(\[\w+\])?\))\]", value.strip()), f"{name} = {value}"


@pytest.mark.parametrize("path", [*SCRIPTS, *(f"shared/{name}" for name in SHARED)])
def test_no_script_reads_the_time_draws_lots_or_decodes_json(path: str) -> None:
    assert not re.search(r"cjson|os\.time|os\.clock|'TIME'|math\.random|RANDOM", source(path))


# -- What is touched, seen from the server


def exercise(store: Store) -> None:
    """Let everything happen once that a script can do."""
    store.change_settings(lambda found: {"retention_days": "30", "privacy_contact": ""})
    for who in (SUSAN, PETAR, Identity("facebook", "1", "7")):
        contact = contact_id(who)

        def act(*actions: object, contact: str = contact, **options: object) -> tuple[int, ...]:
            committed = store.commit(store.snapshot(contact), list(actions), **options)  # type: ignore[arg-type]
            return committed.results

        store.receive([welcome(who=who, token="t1", is_subscribed=True), message(who=who)])
        store.receive([message("in time", who=who, sent_at_ms=store.now_ms()) for _ in range(3)])
        turn, snapshot = take(store, contact)
        assert snapshot.undecided
        later = Close(number=1, source=Source.DIALOGFLOW, entry=1, later_from=2, by=BOB, summary="x", effect="e")
        welcomed = Send(number=1, text="Welcome", sender=Sender.BOT, welcome_token="t1")
        words = [Send(number=1, text=str(i), sender=Sender.USER, by=BOB) for i in range(4)]
        answered = [
            NoteAnswer(entry=1, channel=who.kind, intent="order"),
            NoteAnswer(entry=1, channel=who.kind, is_fallback=True),
            NoteAnswer(entry=1, channel=who.kind, failure="timeout"),
        ]
        committed = store.commit(
            snapshot,
            [SetBot(number=1, is_on=False, source=Source.USER), welcomed, welcomed, *words, *answered, later],
            turn=turn,
            decides=snapshot.undecided.number,
            keeps_lease=True,
        )
        first = committed.results[2]
        for number, outcome in zip(
            range(first, first + 5), [*list(Settled)[:3], Settled.RETRY, Settled.SENT], strict=True
        ):
            store.postpone_send(turn, store.now_ms())
            assert store.start_send(turn, number, f"nonce-{number}", echo_wait_ms=0)
            if number == first:
                early = RecordReceipt(identity=who, status=ReceiptStatus.DELIVERED, external_id=f"m_{number}")
                store.receive([early])
            store.settle_send(turn, number, f"nonce-{number}", outcome, external_id=f"m_{number}")
            if outcome is Settled.RETRY:
                break
        store.receive([RecordReceipt(identity=who, status=ReceiptStatus.READ, external_id=f"m_{first}")])
        store.receive([RecordReceipt(identity=who, status=ReceiptStatus.READ, watermark_ms=5)])
        store.receive([SettleByEcho(tag=SendTag(contact, first + 2, f"nonce-{first + 2}"), external_id="m_e")])
        store.release_turn(turn)
        store.claim_welcome(contact, "t2", "Configured")
        act(Assign(number=2, user=BOB), NeedPerson(number=2, reason="notify"), Pause(number=2, reason="assigned"))
        act(Assign(number=2, user=ALICE), Assign(number=2, user=None), NoteLine(number=2, kind="bot"))
        act(NoteNotSent(number=2, text="x", sender=Sender.BOT, reason="closed"), Assign(number=2, user=BOB))
        data = {"kind": "message", "text": "Bob here", "sender": "user"}
        store.receive([message(who=who, letter=Letter.SENT, data=data, opens=None, external_id="m_i")])
        act(SetBot(number=2, is_on=True, source=Source.USER), Close(number=2, source=Source.USER), last_entry=10**6)
        act(Open(source=Source.USER, channel=who.kind, by=ALICE, effect="o"))
        store.mark_seen("u1", contact, 3, 1)
        act(Notify(number=3, users=("u1", "u2"), kind="assigned", by=ALICE))
        line = NoteLine(number=3, kind="profile_changed")
        terms = {"phone": "+1", "terms": "bob\n+1"}
        act(ChangeProfile(number=3, values=terms, tags=("vip",), terms=("bob", "+1"), line=line))
        act(ChangeProfile(number=3, values={"phone": "", "terms": ""}, tags_before=("vip",), line=line))
        act(Send(number=3, text="Bye", sender=Sender.USER), Block(is_blocked=True), Block(is_blocked=False))
    let_users_come_and_go(store)
    let_the_inbox_be_read(store)
    let_two_be_merged(store)
    let_somebody_be_deleted(store)
    let_automations_run(store)


def let_the_inbox_be_read(store: Store) -> None:
    """Let lists be read with and without labels, from their beginning and from a place on, also in small steps."""
    owner = store.users()[0]
    everything = InboxQuery(user=owner, view=View.ALL)
    for query in (
        everything,
        replace(everything, view=View.MINE),
        replace(everything, tag="vip"),
        replace(everything, channel="viber:shop"),
        replace(everything, tag="vip", is_open=False),
    ):
        page = store.inbox(query, 1)
        store.inbox(query, 1, page.next or Position(store.now_ms(), contact_id(SUSAN)))
    assert store.workload([owner.id, str(BOB["id"])], 5).open


def let_two_be_merged(store: Store) -> None:
    """Let a contact that is in every index become a part of another one, twice over, and be deleted with it."""
    ann, ben = (Identity("viber", "shop", name) for name in ("ann", "ben"))
    store.receive([message(who=ann), message("undecided", who=ben)])
    known = ChangeProfile(number=1, values={"tags": '["vip"]', "terms": "ben"}, tags=("vip",), terms=("ben",))
    assert store.commit(store.snapshot(contact_id(ben)), [known, Send(number=1, text="x", sender=Sender.USER)]).is_done
    asked = store.request_merge(contact_id(ann), contact_id(ben), by=ALICE, operation="o")
    assert store.request_merge(contact_id(ann), contact_id(ben), by=ALICE, operation="o") == asked
    turn, snapshot = take(store, MERGES_ID)
    assert snapshot.undecided
    for _ in range(2):
        actions = carry_out(store, snapshot.undecided)
    assert store.commit(snapshot, actions, turn=turn, decides=asked).is_done and store.merge_state(asked).is_done
    store.receive([message(who=ben), RecordReceipt(identity=ben, status=ReceiptStatus.READ, external_id="m_1")])
    assert len(store.history(contact_id(ann), limit=3).entries) == 3 and store.all_conversations(contact_id(ann))
    assert store.last_incoming_at_ms(contact_id(ann), ben)
    assert store.delete_contact(contact_id(ann), ALICE) is Deleted.DONE


def let_somebody_be_deleted(store: Store) -> None:
    """Let a contact that is in every index be deleted."""
    who = Identity("viber", "shop", "gone")
    store.receive([message(who=who)])
    known = ChangeProfile(number=1, values={"tags": '["vip"]', "terms": "ann"}, tags=("vip",), terms=("ann",))
    told = Notify(number=1, users=(store.users()[0].id,), kind="assigned")
    assert store.commit(store.snapshot(contact_id(who)), [Assign(number=1, user=BOB), known, told]).is_done
    assert store.delete_contact(contact_id(who), ALICE) is Deleted.DONE


def let_users_come_and_go(store: Store) -> None:
    """Let the scripts about users do each thing once."""
    first = store.find_link(store.make_first_link())
    olga = store.use_link(first, name="Olga", password_hash="hash", email="olga@example.com")
    session = store.session(olga.id, store.begin_session(olga, "hash", "Firefox on Linux"))
    assert session and store.make_first_link() == ""
    store.change_password(olga, "hash", "other", keep_session=session[1].id)
    now_ms = store.now_ms
    token = store.begin_session(olga, "other", "Firefox on Linux")
    store.now_ms = lambda: now_ms() + 60_000
    assert store.session(olga.id, token)
    store.now_ms = now_ms
    anna, _ = store.add_user("anna@example.com", Role.OWNER)
    store.use_link(store.find_link(store.make_link(anna.id)), name="Anna", password_hash="hash")
    store.change_user(olga.id, lambda user: replace(user, is_active=False), what="user.deactivated", by=anna.card)
    assert len(store.users()) == 2 and store.audit(100)


def test_every_key_that_a_script_touches_is_among_those_it_was_given(store: Store, valkey: Valkey) -> None:
    monitor = Monitor(valkey)
    exercise(store)
    names = {script.sha: script.name for script in load_scripts().values()}
    seen: set[str] = set()
    for ran in monitor.scripts():
        seen.add(names.get(ran.sha, "loaded"))
        for command in ran.commands:
            assert command[0] in COMMANDS, command[0]
            if command[0] != "PUBLISH":
                assert command[1] in ran.keys, f"{names.get(ran.sha)}: {command[:2]}"
    assert seen >= set(SCRIPTS), "not every script has run"


@pytest.fixture
def cluster() -> Iterator[ClusterNode]:
    node = ClusterNode()
    try:
        node.start()
        yield node
    finally:
        node.kill()


def test_a_cluster_takes_every_script_and_every_read(cluster: ClusterNode) -> None:
    store = make_store(cluster)
    exercise(store)
    contact = contact_id(SUSAN)
    assert [conversation.number for conversation in store.conversations(contact)] == [3, 2, 1]
    assert store.timeline(contact, 0, 100).entries and len(store.contacts(10).items) == 3
    assert len(store.open_conversations(10).items) == 3 and len(store.closed_conversations(10).items) == 6
    store.reject("facebook", b"?", "why")
    store.change_setting("welcome_text:viber:shop", "Hi")
    store.rest("viber:shop", "why", 5)
    assert store.rejected() and store.platform_settings().welcome_texts and store.rests(["viber:shop", "facebook:1"])
    assert store.due_contacts(store.keys.each(), 10) is not None and store.next_due_ms() is not None


def test_that_cluster_would_refuse_a_script_that_reaches_beyond_its_keys(cluster: ClusterNode) -> None:
    refused: list[Callable[[], object]] = [
        lambda: cluster.client().eval("#!lua\nreturn redis.call('GET', '{bj}other')", 1, "{bl}mine"),
        lambda: cluster.client().eval("#!lua\nreturn redis.call('GET', KEYS[2])", 2, "{bl}mine", "{bj}other"),
    ]
    for call in refused:
        with pytest.raises(redis.RedisError):
            call()
