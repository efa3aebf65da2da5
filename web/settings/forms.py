"""The forms of Settings. What a value may be is said in domain/; here it becomes a sentence beside the field."""

from typing import Any

from wtforms import (
    BooleanField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from domain.errors import BadPayload
from domain.platform_settings import (
    MAX_PRIVACY_CONTACT_CHARS,
    MAX_SENDER_NAME_CHARS,
    MAX_WELCOME_CHARS,
    MOST_AUTO_CLOSE_H,
    MOST_RETENTION_DAYS,
    NoteMode,
    read_setting,
)
from domain.setting_lists import MAX_DESCRIPTION_CHARS, MAX_NAME_CHARS, MAX_REPLY_CHARS, FieldKind
from domain.texts import clean

NOTE_MODES = {
    NoteMode.OPTIONAL: "Ask, but let it be left empty",
    NoteMode.CATEGORY: "A category must be chosen, the summary may be empty",
    NoteMode.BOTH: "Both must be given",
    NoteMode.DISABLED: "Do not ask",
}
FIELD_KINDS = {
    FieldKind.TEXT: "Text",
    FieldKind.LIST: "One of several choices",
    FieldKind.CHECKBOX: "Yes or no",
    FieldKind.NUMBER: "Number",
    FieldKind.EMAIL: "Email address",
    FieldKind.URL: "Web address",
    FieldKind.DATE: "Date",
    FieldKind.TIME: "Time",
    FieldKind.PHONE: "Phone number",
}


def tidy(text: str | None) -> str:
    """Take what a person typed without what cannot be shown and the space around it."""
    return clean((text or "").replace("\r\n", "\n")).strip()


class Fits:
    """A validator: the setting may be what the field says."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, form: Form, field: Any) -> None:
        if field.data not in (None, ""):
            try:
                read_setting(self._name, str(field.data).strip())
            except BadPayload as error:
                raise ValidationError(str(error)) from None


class GeneralForm(Form):
    """The settings of the whole platform."""

    time_zone = StringField(
        "Time zone",
        [Fits("time_zone")],
        filters=[tidy],
        description="Times are shown in it, and a day of the reports begins at its midnight.",
    )
    bot_pauses_on_reply = BooleanField(
        "Pause the bot when a user replies",
        description="It stays silent until the conversation is closed, so that contacts never hear two voices.",
    )
    bot_pauses_on_assign = BooleanField(
        "Pause the bot when a conversation is assigned", description="Somebody is going to answer, then."
    )
    bot_back_on_at_close = BooleanField(
        "Turn the bot on again when a conversation is closed",
        description="Off: a bot that was turned off for a contact stays off until somebody turns it on.",
    )
    keeps_assignee = BooleanField(
        "Keep the assignee for the contact's next conversation",
        description="Off: each conversation begins without one, so that nobody waits for somebody who is away.",
    )
    auto_close_after_h = IntegerField(
        "Hours until a conversation in which nothing happens is closed",
        [InputRequired("Write a number of hours, or 0 for never."), Fits("auto_close_after_h")],
        description=f"1 to {MOST_AUTO_CLOSE_H}; 0 is never. Contacts who still wait for a person are left open.",
    )
    retention_days = IntegerField(
        "Days from the last close until a contact is deleted",
        [InputRequired("Write a number of days, or 0 for never."), Fits("retention_days")],
        description=f"1 to {MOST_RETENTION_DAYS}; 0 is never.",
    )
    privacy_contact = StringField(
        "Privacy contact",
        [Fits("privacy_contact")],
        filters=[tidy],
        description="Who contacts write to about their data: an email address or a sentence. It is shown on the public "
        f"page about deleting data. At most {MAX_PRIVACY_CONTACT_CHARS} characters.",
    )


class FacebookForm(Form):
    """What is set of a page."""

    welcome_opens = BooleanField(
        "A welcome opens a conversation",
        description="Get Started, or a link that leads here. Off: a conversation begins with the first message.",
    )


class ViberForm(FacebookForm):
    """What is set of a Viber bot."""

    welcome_opens = BooleanField(
        "A welcome opens a conversation",
        description="When somebody opens the bot's screen. Off: a conversation begins with the first message.",
    )
    welcome_text = TextAreaField(
        "Welcome text",
        [Fits("welcome_text")],
        filters=[tidy],
        description="Said when the agent does not answer in time. Empty: nothing is said. "
        f"At most {MAX_WELCOME_CHARS} characters.",
    )
    sender_name = StringField(
        "Sender name",
        [Fits("sender_name")],
        filters=[tidy],
        description=f"The name that contacts see. Empty: the bot's own. At most {MAX_SENDER_NAME_CHARS} characters.",
    )


class NoteModeForm(Form):
    """What is asked at a close."""

    closing_note_mode = RadioField(
        "When a user closes a conversation",
        choices=[SelectChoice(mode.value, label) for mode, label in NOTE_MODES.items()],
    )


class CategoryForm(Form):
    """One closing category."""

    name = StringField("Name", [DataRequired("Write a name.")], filters=[tidy])
    description = TextAreaField(
        "Description", filters=[tidy], description=f"When to choose it. At most {MAX_DESCRIPTION_CHARS} characters."
    )
    is_active = BooleanField("Offer it", description="Off: it is not offered any more; old notes keep it.")


class CannedForm(Form):
    """One canned reply."""

    name = StringField(
        "Name", [DataRequired("Write a name.")], filters=[tidy], description=f"At most {MAX_NAME_CHARS} characters."
    )
    text = TextAreaField(
        "Text",
        [DataRequired("Write what shall be sent.")],
        filters=[tidy],
        description=f"At most {MAX_REPLY_CHARS} characters.",
    )


class CustomFieldForm(Form):
    """One custom field."""

    name = StringField("Name", [DataRequired("Write a name.")], filters=[tidy])
    kind = SelectField("Holds", choices=[SelectChoice(kind.value, label) for kind, label in FIELD_KINDS.items()])
    options = TextAreaField("Choices", filters=[tidy], description="One on each line; only for one of several choices.")
