"""What triggers and steps can say: the names in definitions, the words on pages, the limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.automations import StepKind, TriggerKind

MAX_TEXT_CHARS = 2_000
MAX_LINE_CHARS = 200
MAX_URL_CHARS = 1_000
MOST_VALUES = 50
#: A wait, or a silence, lasts a minute to 30 days.
MOST_MINUTES = 30 * 24 * 60


class ValueKind(StrEnum):
    """What can stand in a value, and what a page offers for it."""

    LINE = "line"  # one line of text
    LINES = "lines"  # several, one of which is enough
    TEXT = "text"  # several lines; {{contact.name}} and the like are filled in
    TAGS = "tags"
    CHOICE = "choice"  # one of the options
    CHOICES = "choices"  # some of the options; none: any
    MINUTES = "minutes"  # a whole number
    CHANNELS = "channels"  # `facebook`, `viber`, or one page or bot as `kind:account`; none: any
    CATEGORY = "category"  # a closing category's name
    CATEGORIES = "categories"
    USER = "user"  # a user's id
    USERS = "users"
    FIELD = "field"  # `name`, `phone`, `email` or a custom field's id
    FIELDS = "fields"  # none: any
    URL = "url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One thing that a trigger or a step says. name: in the definition. options: word → label."""

    name: str
    kind: ValueKind
    label: str
    hint: str = ""
    is_required: bool = False
    options: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a kind of trigger or step is called, and what it says."""

    label: str
    hint: str = ""
    values: tuple[Value, ...] = ()


OPENED_BY = {
    "contact": "The contact wrote",
    "welcome_event": "Welcome event",
    "user": "A user",
    "automation": "Another automation",
    "dialogflow": "Dialogflow",
    "api": "API",
}
CLOSED_BY = {
    "user": "A user",
    "automation": "Another automation",
    "dialogflow": "Dialogflow",
    "api": "API",
    "contact_merge": "Merge of contacts",
    "auto_close": "Nobody wrote for a while",
}
MATCH = {
    "any": "Any message",
    "contains": "Text contains",
    "is": "Text is",
    "matches": "Text matches a regular expression",
    "payload": "Button or quick reply with the payload",
}
UNANSWERED = {"failed": "Dialogflow failed or could not be reached", "no_intent": "No intent matched"}
ASSIGN_TO = {
    "user": "One user",
    "round_robin": "Who is available, in turn",
    "least_open": "Who is available and has the fewest open conversations",
}

_CHANNELS = Value(name="channels", kind=ValueKind.CHANNELS, label="On channels", hint="None chosen: on any.")
_MINUTES = Value(name="minutes", kind=ValueKind.MINUTES, label="For how long", is_required=True)

TRIGGERS: Mapping[TriggerKind, Part] = {
    TriggerKind.CONVERSATION_OPENED: Part(
        label="A conversation is opened",
        values=(
            Value(
                name="sources",
                kind=ValueKind.CHOICES,
                label="Opened by",
                hint="None chosen: by anyone. To greet people, choose “The contact wrote” and “Welcome event”.",
                options=OPENED_BY,
            ),
            _CHANNELS,
        ),
    ),
    TriggerKind.CONVERSATION_CLOSED: Part(
        label="A conversation is closed",
        values=(
            Value(
                name="sources",
                kind=ValueKind.CHOICES,
                label="Closed by",
                hint="None chosen: by anyone.",
                options=CLOSED_BY,
            ),
            Value(
                name="categories",
                kind=ValueKind.CATEGORIES,
                label="With the category",
                hint="None chosen: with any, or without.",
            ),
        ),
    ),
    TriggerKind.MESSAGE_RECEIVED: Part(
        label="A message is received",
        values=(
            Value(name="match", kind=ValueKind.CHOICE, label="Which", is_required=True, options=MATCH),
            Value(
                name="texts",
                kind=ValueKind.LINES,
                label="Words",
                hint="One a line; one of them is enough. Upper and lower case are the same, except in a payload.",
            ),
            _CHANNELS,
        ),
    ),
    TriggerKind.WELCOME: Part(
        label="A welcome event arrives",
        hint="Get Started or a link on Messenger; the first look at the bot on Viber.",
        values=(_CHANNELS,),
    ),
    TriggerKind.CONTACT_CREATED: Part(label="A contact is new", values=(_CHANNELS,)),
    TriggerKind.TAG_ADDED: Part(
        label="A tag is added",
        values=(Value(name="tags", kind=ValueKind.TAGS, label="Which", hint="None: any tag."),),
    ),
    TriggerKind.TAG_REMOVED: Part(
        label="A tag is removed",
        values=(Value(name="tags", kind=ValueKind.TAGS, label="Which", hint="None: any tag."),),
    ),
    TriggerKind.FIELD_CHANGED: Part(
        label="A field changes",
        values=(Value(name="fields", kind=ValueKind.FIELDS, label="Which", hint="None chosen: any field."),),
    ),
    TriggerKind.BOT_UNANSWERED: Part(
        label="The bot could not answer",
        values=(
            Value(
                name="reasons",
                kind=ValueKind.CHOICES,
                label="Because",
                hint="None chosen: for any reason.",
                options=UNANSWERED,
            ),
        ),
    ),
    TriggerKind.NO_ANSWER_FROM_CONTACT: Part(
        label="The contact does not answer",
        hint="Our message is the last one in the open conversation, and the contact has written nothing since.",
        values=(_MINUTES,),
    ),
    TriggerKind.NO_ANSWER_FROM_US: Part(
        label="We do not answer",
        hint="The contact waits in the open conversation. What the bot answered nobody waits for.",
        values=(_MINUTES,),
    ),
    TriggerKind.BY_HAND: Part(
        label="A user runs it by hand", hint="It is offered beside the conversation in the Messaging Module."
    ),
}

STEPS: Mapping[StepKind, Part] = {
    StepKind.SEND_MESSAGE: Part(
        label="Send a message",
        values=(
            Value(
                name="text",
                kind=ValueKind.TEXT,
                label="Text",
                hint="{{contact.name}}, {{contact.first_name}} and {{contact.fields.ID}} are filled in.",
                is_required=True,
            ),
        ),
    ),
    StepKind.OPEN_CONVERSATION: Part(label="Open Conversation", hint="Does nothing when one is open."),
    StepKind.CLOSE_CONVERSATION: Part(
        label="Close Conversation",
        hint="Does nothing when the conversation that it is about is closed already.",
        values=(
            Value(name="category", kind=ValueKind.CATEGORY, label="Category"),
            Value(name="summary", kind=ValueKind.TEXT, label="Summary"),
        ),
    ),
    StepKind.ASSIGN: Part(
        label="Assign to",
        values=(
            Value(name="to", kind=ValueKind.CHOICE, label="Whom", is_required=True, options=ASSIGN_TO),
            Value(name="user", kind=ValueKind.USER, label="User", hint="Only where it is one user."),
        ),
    ),
    StepKind.UNASSIGN: Part(label="Unassign"),
    StepKind.ADD_TAGS: Part(
        label="Add tags", values=(Value(name="tags", kind=ValueKind.TAGS, label="Tags", is_required=True),)
    ),
    StepKind.REMOVE_TAGS: Part(
        label="Remove tags", values=(Value(name="tags", kind=ValueKind.TAGS, label="Tags", is_required=True),)
    ),
    StepKind.SET_FIELD: Part(
        label="Set a field",
        values=(
            Value(name="field", kind=ValueKind.FIELD, label="Field", is_required=True),
            Value(name="value", kind=ValueKind.LINE, label="Value", hint="Empty clears the field."),
        ),
    ),
    StepKind.BOT_ON: Part(label="Switch the bot on"),
    StepKind.BOT_OFF: Part(label="Switch the bot off", hint="The conversation then needs a person."),
    StepKind.COMMENT: Part(
        label="Leave a comment",
        hint="The contact never sees it.",
        values=(Value(name="text", kind=ValueKind.TEXT, label="Comment", is_required=True),),
    ),
    StepKind.NOTIFY: Part(
        label="Notify users",
        values=(
            Value(name="text", kind=ValueKind.LINE, label="What about", is_required=True),
            Value(
                name="users",
                kind=ValueKind.USERS,
                label="Whom",
                hint="None chosen: who has the conversation, or else everybody who may see it.",
            ),
        ),
    ),
    StepKind.WAIT: Part(label="Wait", hint="The steps behind it follow later; the bot goes on.", values=(_MINUTES,)),
    StepKind.CALL_URL: Part(
        label="Call a URL",
        hint="POST with the contact and the conversation as JSON, at least once. It is tried three times.",
        values=(
            Value(
                name="url",
                kind=ValueKind.URL,
                label="URL",
                hint="https only, never an address within a private network.",
                is_required=True,
            ),
        ),
    ),
    StepKind.STOP: Part(label="Stop", hint="Nothing behind it is done. Of use with “only if”."),
    StepKind.STOP_WITHOUT_BOT: Part(
        label="Stop, and the bot does not answer", hint="The bot is silent about the message that this is about."
    ),
}
