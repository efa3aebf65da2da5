"""What automations send: to whom, in how many pieces, with what filled in; and Viber's welcome."""

from domain.arrivals import Record
from domain.identities import MERGES_ID
from domain.models import Letter, Sender, Source
from handlers.users import close_conversation
from handlers.users import write as write_to
from tests.people import ALICE, PETAR, PETAR_ID, SUSAN, SUSAN_ID, message, welcome, write
from tests.turns.automations.automation_stage import (
    ANY_MESSAGE,
    FAILED,
    AutomationStage,
    add,
    named,
    on_text,
    opened_by,
    send,
)


def started(stage: AutomationStage, *, is_subscribed: bool = False) -> None:
    """Petar looks at the Viber bot for the first time."""
    stage.store.receive([welcome(who=PETAR, token="t1", is_subscribed=is_subscribed)])
    stage.work()


def merge_susan_into_petar(stage: AutomationStage) -> None:
    stage.store.request_merge(PETAR_ID, SUSAN_ID, by=ALICE)
    stage.turn(MERGES_ID)
    stage.work()


def test_a_message_belongs_to_the_conversation_and_says_who_wrote_it(stage: AutomationStage) -> None:
    stage.automate(ANY_MESSAGE, send("Hi"), name="Greeter")
    stage.hears()
    (entry,) = [entry for entry in stage.entries("message") if entry.data.get("sender") == Sender.AUTOMATION]
    assert (entry.data["conversation"], named(entry.data["by"])) == (1, {"id": "a1", "name": "Greeter"})
    assert entry.letter is Letter.SENT and stage.facebook.texts == ["Hi", "you said hello"]
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.outgoing == 2


def test_an_automations_message_is_no_answer_of_a_person(stage: AutomationStage) -> None:
    stage.bot.answers["hello"] = FAILED
    stage.automate("bot_unanswered", send("Somebody will be with you"))
    stage.hears()
    opened = stage.store.snapshot(SUSAN_ID).open
    assert opened and opened.needs == "bot_failed" and opened.waiting_since_ms and opened.first_response_at_ms is None


def test_a_long_text_goes_in_pieces_in_order(stage: AutomationStage) -> None:
    stage.facebook.max_text_chars = 20
    stage.automate(ANY_MESSAGE, send("We open at nine o'clock.\nPlease come back then."), send("Bye"))
    stage.hears("x")
    assert all(len(text) <= 20 for text in stage.facebook.texts)
    assert stage.facebook.texts == ["We open at nine", "o'clock.\nPlease come", "back then.", "Bye", "you said x"]


def test_variables_are_filled_in_and_those_that_nobody_knows_are_left_out(stage: AutomationStage) -> None:
    stage.hears()
    stage.fields({"name": "Susan Jones", "fields.SIZE": "L"})
    text = (
        "Hi {{contact.first_name}}! {{contact.name}}, {{contact.fields.SIZE}}/{{contact.fields.AGE}}{{user.name}}{{x}}"
    )
    stage.automate(ANY_MESSAGE, send(text))
    stage.hears()
    assert stage.said() == ["Hi Susan! Susan Jones, L/"]


def test_what_a_contact_is_called_is_put_in_as_it_is(stage: AutomationStage) -> None:
    stage.hears()
    stage.fields({"name": "{{contact.fields.SIZE}}", "fields.SIZE": "secret"})
    stage.automate(ANY_MESSAGE, send("Hi {{contact.name}}"))
    stage.hears()
    assert stage.said() == ["Hi {{contact.fields.SIZE}}"]


def test_of_a_text_that_is_empty_once_it_is_filled_in_nothing_is_sent(stage: AutomationStage) -> None:
    a = stage.automate(ANY_MESSAGE, send("{{contact.name}}"))
    stage.hears()
    assert stage.results(a)[0][0] == "nothing" and stage.said() == []


def test_a_message_outside_of_any_conversation_opens_none(stage: AutomationStage) -> None:
    stage.automate("welcome", send("Hi there"))
    stage.store.receive([welcome(opens=False)])
    stage.work()
    assert stage.conversations() == [] and "Hi there" in stage.facebook.texts


def test_vibers_first_look_is_answered_by_the_automation_in_the_http_body(stage: AutomationStage) -> None:
    stage.automate("welcome", send("Welcome to the shop"), add("met"))
    started(stage)
    assert stage.store.read_welcome(PETAR_ID, "t1") == "Welcome to the shop"
    assert stage.viber.texts == [], "it went in the answer"
    sent, bots = stage.entries("message", PETAR_ID)
    assert (sent.letter, sent.text, sent.data["conversation"]) == (Letter.SENT, "Welcome to the shop", 1)
    # The body is taken, and who has not subscribed can be sent nothing else.
    assert (bots.letter, bots.data["sender"]) == (Letter.NOT_SENT, "bot")


def test_to_a_subscriber_the_bots_welcome_follows_the_automations(stage: AutomationStage) -> None:
    stage.automate("welcome", send("Welcome to the shop"))
    started(stage, is_subscribed=True)
    assert stage.store.read_welcome(PETAR_ID, "t1") == "Welcome to the shop"
    assert stage.viber.texts == ["you said"]


def test_with_the_bot_silenced_the_automations_welcome_is_the_only_one(stage: AutomationStage) -> None:
    stage.automate(opened_by("welcome_event"), send("Welcome"), {"kind": "stop_without_bot"})
    started(stage)
    assert stage.store.read_welcome(PETAR_ID, "t1") == "Welcome" and stage.bot.asked == []
    assert [entry.text for entry in stage.entries("message", PETAR_ID)] == ["Welcome"]


def test_a_second_message_for_the_body_is_sent_to_subscribers_only(stage: AutomationStage) -> None:
    stage.automate("welcome", send("One"), send("Two"), {"kind": "stop_without_bot"})
    started(stage)
    assert [(str(entry.letter), entry.text) for entry in stage.entries("message", PETAR_ID)] == [
        ("s", "One"),
        ("x", "Two"),
    ]
    assert stage.entries("message", PETAR_ID)[1].data["reason"] == "not_subscribed"
    assert stage.viber.texts == []


def test_an_automation_that_comes_later_than_the_configured_text_leaves_it(stage: AutomationStage) -> None:
    stage.automate("welcome", send("Welcome"), {"kind": "stop_without_bot"})
    stage.store.receive([welcome(who=PETAR, token="t1", is_subscribed=True)])
    stage.store.claim_welcome(PETAR_ID, "t1", "Configured")
    stage.work()
    assert stage.store.read_welcome(PETAR_ID, "t1") == "Configured" and stage.viber.texts == ["Welcome"]


def test_a_welcome_in_the_body_counts_as_a_message_of_the_conversation(stage: AutomationStage) -> None:
    stage.automate("welcome", send("Welcome"), {"kind": "stop_without_bot"})
    started(stage)
    opened = stage.store.snapshot(PETAR_ID).open
    assert opened and opened.outgoing == 1


def test_who_was_merged_is_answered_where_they_wrote(stage: AutomationStage) -> None:
    stage.hears(who=PETAR)
    stage.hears(who=SUSAN)
    merge_susan_into_petar(stage)
    stage.automate(ANY_MESSAGE, send("Hi"), {"kind": "stop_without_bot"})
    for who in (SUSAN, PETAR):
        stage.hears(who=who)
    assert (stage.facebook.texts[-1], stage.viber.texts[-1]) == ("Hi", "Hi")
    assert [len(stage.facebook.texts), len(stage.viber.texts)] == [2, 2]


def test_each_message_of_who_was_merged_is_answered_where_that_one_was_written(stage: AutomationStage) -> None:
    stage.hears(who=PETAR)
    stage.hears(who=SUSAN)
    merge_susan_into_petar(stage)
    stage.automate(on_text("viber"), send("Yes, viber"), {"kind": "stop_without_bot"})
    stage.automate(on_text("messenger"), send("Yes, messenger"), {"kind": "stop_without_bot"})
    write(stage.store, "viber", who=PETAR)
    write(stage.store, "messenger", who=SUSAN)
    stage.work()
    assert stage.viber.texts[1:] == ["Yes, viber"] and stage.facebook.texts[1:] == ["Yes, messenger"]


def test_what_is_about_no_message_goes_where_the_contact_wrote_last(stage: AutomationStage) -> None:
    stage.hears(who=PETAR)
    stage.hears(who=SUSAN)
    merge_susan_into_petar(stage)
    stage.hears("from messenger", who=SUSAN)
    stage.automate("conversation_closed", send("How was it?" * 3))
    stage.viber.max_text_chars, stage.facebook.max_text_chars = 10, 1000
    stage.acts(lambda snapshot: close_conversation(snapshot, source=Source.USER, by=ALICE), PETAR_ID)
    stage.work()
    assert stage.facebook.texts[-1] == "How was it?" * 3, "in one piece: the limit is that of the channel it goes to"


def test_a_message_follows_what_was_pending_before_it(stage: AutomationStage) -> None:
    stage.automate(opened_by("user"), send("Automatic"))
    stage.store.receive([_known()])
    stage.acts(
        lambda snapshot: write_to(
            snapshot, "By hand", sender=Sender.USER, opens=Source.USER, max_text_chars=1900, by=ALICE
        )
    )
    stage.work()
    assert stage.facebook.texts == ["By hand", "Automatic"]


def _known() -> Record:
    return message(letter=Letter.NOTED, data={"kind": "reaction", "text": "❤"}, opens=None)
