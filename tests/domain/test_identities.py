"""How contacts and conversations are named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identities import Identity, contact_id, conversation_id, is_contact_id, parse_conversation_id

SUSAN = Identity("facebook", "550011", "8812345678901234567")
PETAR = Identity("viber", "florist", "Kd9/xw+QmTz0aB==")


def test_an_identity_is_written_and_read_in_one_form() -> None:
    assert str(SUSAN) == "facebook:550011:8812345678901234567"
    assert Identity.parse(str(PETAR)) == PETAR
    assert PETAR.channel == "viber:florist"


def test_a_contact_ref_may_hold_colons() -> None:
    assert Identity.parse("viber:florist:a:b").contact_ref == "a:b"


@pytest.mark.parametrize("text", ["", "facebook", "facebook:550011", "facebook::1", ":550011:1", "facebook:550011:"])
def test_an_identity_with_a_missing_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Identity.parse(text)


def test_a_contact_id_never_changes() -> None:
    # Written into databases: the first 15 bytes of SHA-256 in base32, computed here with coreutils.
    assert contact_id(SUSAN) == "gogsn2nci6yagovqndzcko7l"
    assert contact_id(str(SUSAN)) == contact_id(SUSAN)


def test_the_same_person_on_two_accounts_is_two_contacts() -> None:
    assert len({contact_id(SUSAN), contact_id(SUSAN._replace(account="550012")), contact_id(PETAR)}) == 3


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=())))
def test_every_identity_makes_a_contact_id(contact_ref: str) -> None:
    assert is_contact_id(contact_id(Identity("viber", "florist", contact_ref)))


@pytest.mark.parametrize("text", ["", "a" * 23, "a" * 25, "A" * 24, "1" * 24, "a" * 24 + "\n", "é" * 24])
def test_other_text_is_not_a_contact_id(text: str) -> None:
    assert not is_contact_id(text)


@given(st.integers(min_value=0, max_value=10**10))
def test_a_conversation_id_is_split_into_what_it_was_made_of_and_fits_a_dialogflow_session(number: int) -> None:
    made = conversation_id(contact_id(PETAR), number)
    assert parse_conversation_id(made) == (contact_id(PETAR), number)
    assert len(made) <= 36


@pytest.mark.parametrize("suffix", ["", "-", "-x", "--1", "-01", "-1-1", "-1\n", "-٣", "-" + "1" * 12])
def test_other_text_is_not_a_conversation_id(suffix: str) -> None:
    assert parse_conversation_id(contact_id(PETAR) + suffix) is None
