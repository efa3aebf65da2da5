"""What is filled into canned replies."""

from dataclasses import replace

import pytest

from domain.models import Contact
from domain.users import Role, User
from handlers.canned import fill, unknown_variables
from tests.people import SUSAN, SUSAN_ID

CONTACT = Contact(id=SUSAN_ID, identity=SUSAN, name="Susan Miller", fields={"SIZE": "M", "EMPTY": ""})
ALICE = User(id="u1", email="alice@example.com", name="Alice", role=Role.AGENT)


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("Hi {{contact.first_name}}, {{user.name}} here", "Hi Susan, Alice here"),
        ("{{ contact.name }}{{contact.name}}", "Susan MillerSusan Miller"),
        ("size {{contact.fields.SIZE}}", "size M"),
        ("{{contact.fields.COLOUR}} {{contact.fields.EMPTY}}", "{{contact.fields.COLOUR}} {{contact.fields.EMPTY}}"),
        ("{{contact.age}} {{user.email}} {{}} {{ }", "{{contact.age}} {{user.email}} {{}} {{ }"),
        (
            "{contact.name} {{Contact.Name}} {{contact.__class__}}",
            "{contact.name} {{Contact.Name}} {{contact.__class__}}",
        ),
        ("{{contact.name\n}} {{{contact.name}}}", "Susan Miller {Susan Miller}"),
        ("", ""),
    ],
)
def test_what_is_known_is_filled_in_and_the_rest_stays_to_be_seen(text: str, filled: str) -> None:
    assert fill(text, CONTACT, ALICE) == filled


def test_a_name_that_is_not_known_stays_to_be_seen() -> None:
    assert fill("Hi {{contact.first_name}}", replace(CONTACT, name=""), ALICE) == "Hi {{contact.first_name}}"


def test_what_a_contact_wrote_is_put_in_as_it_is_and_once() -> None:
    hostile = replace(CONTACT, name=r"{{user.name}} \1 <b>", fields={"SIZE": "{{contact.name}}"})
    assert fill("{{contact.name}}|{{contact.fields.SIZE}}", hostile, ALICE) == r"{{user.name}} \1 <b>|{{contact.name}}"


def test_variables_that_mean_nothing_are_named_in_order() -> None:
    text = "{{user.name}} {{contact.age}} {{contact.fields.SIZE}} {{contact.fields.COLOUR}}"
    assert unknown_variables(text, ["SIZE"]) == ["{{contact.age}}", "{{contact.fields.COLOUR}}"]


def test_a_long_text_without_an_end_to_its_variable_takes_no_time() -> None:
    assert fill("{{" + "a" * 200_000, CONTACT, ALICE).startswith("{{aaa")


def test_without_a_user_what_is_not_known_goes_with_the_space_before_it() -> None:
    text = "Hello {{contact.first_name}}, {{contact.fields.COLOUR}}we are closed."
    assert fill(text, replace(CONTACT, name=""), None) == "Hello, we are closed."
    assert fill("Hello {{contact.first_name}}!", CONTACT, None) == "Hello Susan!"
