"""The forms of log-in, links, account and users."""

import re

from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, Field, PasswordField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Regexp, ValidationError

from domain.users import Role
from web.access.passwords import MAX_CHARS, MIN_CHARS

MAX_EMAIL_CHARS = 254
MAX_NAME_CHARS = 80
ROLES = [
    SelectChoice(Role.AGENT, "Agent: conversations and contacts"),
    SelectChoice(Role.MANAGER, "Manager: also settings, merging and deleting"),
    SelectChoice(Role.OWNER, "Owner: also users and their roles"),
]
_LOOKS_LIKE_EMAIL = r"\s*[^@\s]+@[^@\s]+\s*\Z"
_UNPRINTABLE = "This holds a character that cannot be shown."
#: Persian and many Indian names, and some emoji, are joined by them.
_JOINERS = re.compile("(?<=\\S)[\u200c\u200d](?=\\S)")


def _is_printable(_: FlaskForm, field: Field) -> None:
    if not str(field.data or "").isprintable():
        raise ValidationError(_UNPRINTABLE)


def _is_readable(_: FlaskForm, field: Field) -> None:
    if not _JOINERS.sub("", str(field.data or "")).isprintable():
        raise ValidationError(_UNPRINTABLE)


def _email() -> EmailField:
    rules = [InputRequired("Please fill this in."), Length(max=MAX_EMAIL_CHARS, message="This is too long.")]
    rules += [Regexp(_LOOKS_LIKE_EMAIL, message="This is not an email address."), _is_printable]
    return EmailField("Email", rules, render_kw={"autocomplete": "username"})


def _name() -> StringField:
    rules = [Length(max=MAX_NAME_CHARS, message=f"At most {MAX_NAME_CHARS} characters, please."), _is_readable]
    attributes = {"autocomplete": "name", "maxlength": MAX_NAME_CHARS}
    return StringField(
        "Name",
        [DataRequired("Please fill this in."), *rules],
        filters=[_tidy],
        description="Colleagues see it.",
        render_kw=attributes,
    )


def _tidy(text: str | None) -> str | None:
    """Make one plain space of each white space there is, of which Unicode has many."""
    return " ".join(text.split()) if text else text


def _new_password() -> PasswordField:
    rules = [Length(MIN_CHARS, MAX_CHARS, f"Please take {MIN_CHARS} to {MAX_CHARS} characters.")]
    attributes = {"autocomplete": "new-password", "minlength": MIN_CHARS, "maxlength": MAX_CHARS}
    return PasswordField(
        "New password", [InputRequired("Please fill this in."), *rules], id="password", render_kw=attributes
    )


def _repeated() -> PasswordField:
    rules = [EqualTo("password", "The two are not the same.")]
    return PasswordField("The same again", rules, render_kw={"autocomplete": "new-password", "required": True})


def _old_password(label: str) -> PasswordField:
    rules = [InputRequired("Please fill this in."), Length(max=MAX_CHARS, message="This is too long.")]
    return PasswordField(label, rules, render_kw={"autocomplete": "current-password"})


class LogInForm(FlaskForm):
    """Email address and password."""

    email = _email()
    password = _old_password("Password")


class LinkForm(FlaskForm):
    """What somebody says who comes by a one-time link."""

    name = _name()
    password = _new_password()
    repeated = _repeated()


class FirstOwnerForm(LinkForm):
    """The same of the first owner, whose address nobody knows yet."""

    email = _email()


class NameForm(FlaskForm):
    """One's own name."""

    name = _name()


class PasswordForm(FlaskForm):
    """A new password of one's own."""

    current = _old_password("Password until now")
    password = _new_password()
    repeated = _repeated()


class RoleForm(FlaskForm):
    """What a user may do."""

    role = SelectField("Role", [InputRequired("Please choose one.")], choices=ROLES, coerce=Role, default=Role.AGENT)
    is_restricted = BooleanField(
        "Sees only their own conversations and those that nobody has", description="For agents; others see all."
    )


class InviteForm(RoleForm):
    """A new user."""

    email = _email()
