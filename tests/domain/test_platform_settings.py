"""What each setting may be, and what the lists may hold."""

from dataclasses import fields
from typing import Any

import pytest

from domain.errors import BadPayload
from domain.platform_settings import PER_CHANNEL, SIMPLE, PlatformSettings, read_setting, time_zones, write_setting
from domain.setting_lists import (
    MAX_ITEMS,
    CannedReply,
    ClosingCategory,
    CustomField,
    FieldKind,
    Item,
    check_item,
    check_items,
    field_id,
)


@pytest.mark.parametrize("name", sorted(SIMPLE))
def test_a_default_is_read_back_from_how_it_is_written(name: str) -> None:
    default = getattr(PlatformSettings(), name)
    assert PlatformSettings().text_of(name) == write_setting(default)
    assert default == "" or read_setting(name, write_setting(default)) == default


def test_every_field_is_a_simple_setting_a_list_or_one_of_a_channel() -> None:
    lists = {"closing_categories", "canned_replies", "custom_fields"}
    of_channels = {"welcome_closed_channels", "welcome_texts", "sender_names"}
    assert {one.name for one in fields(PlatformSettings)} == SIMPLE.keys() | lists | of_channels


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("time_zone", "Europe/Sofia", "Europe/Sofia"),
        ("keeps_assignee", "yes", True),
        ("auto_close_after_h", "336", 336),
        ("retention_days", "3650", 3650),
        ("closing_note_mode", "both", "both"),
        ("privacy_contact", "Ана <a@example.com>", "Ана <a@example.com>"),
        ("welcome_text", "Hi!\nHow are you?", "Hi!\nHow are you?"),
    ],
)
def test_what_may_be_is_read(name: str, text: str, value: Any) -> None:
    assert read_setting(name, text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(
            ("time_zone", bad)
            for bad in ("", "Sofia", "../etc/passwd", "/etc/localtime", "America", "localtime", "a\0b")
        ),
        *(("auto_close_after_h", bad) for bad in ("-1", "337", "1.5", "1e3", "٣", "", "9" * 5000)),
        *(("keeps_assignee", bad) for bad in ("", "true", "1", "Yes")),
        *(("closing_note_mode", bad) for bad in ("", "always")),
        *(("privacy_contact", bad) for bad in ("a\nb", "x" * 201, "\u202e", "\ud800")),
        *(("sender_name", bad) for bad in ("x" * 29, "a\tb")),
        ("welcome_text", "x" * 7001),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(name: str, text: str) -> None:
    with pytest.raises(BadPayload, match=r"\.$"):
        read_setting(name, text)


def test_a_channels_settings_are_told_by_their_stored_names() -> None:
    found = PlatformSettings(
        welcome_closed_channels=frozenset({"facebook:1"}), welcome_texts={"viber:a:b": "Hi"}, sender_names={}
    )
    named = [*(f"{name}:viber:a:b" for name in sorted(PER_CHANNEL)), "welcome_opens:facebook:1"]
    assert [found.text_of(name) for name in named] == ["", "yes", "Hi", "no"]


def test_utc_is_always_among_the_time_zones_and_all_of_them_can_be_used() -> None:
    assert "UTC" in time_zones()
    assert all(PlatformSettings(time_zone=name).zone.key == name for name in time_zones())


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("Blood type", "BLOOD_TYPE"),
        ("  size (EU) ", "SIZE_EU"),
        ("Größe", "GROE"),
        ("Número de pedido", "NUMERO_DE_PEDIDO"),
        ("2nd name", "2ND_NAME"),
        ("Рожден ден", "FIELD"),
        ("Email", "EMAIL_2"),
        ("Full-Name", "FULL_NAME"),
        ("x" * 80, "X" * 50),
    ],
)
def test_a_fields_id_is_made_of_its_name(name: str, made: str) -> None:
    assert field_id(name, []) == made
    assert field_id(name, [made]) not in (made, name)
    assert not check_item(CustomField(id=field_id(name, [made]), name="Name"))


def test_ids_stay_different_however_many_have_the_same_name() -> None:
    taken: list[str] = []
    for _ in range(MAX_ITEMS):
        taken.append(field_id("Рожден ден", taken))
    assert len(set(taken)) == MAX_ITEMS


@pytest.mark.parametrize(
    "item",
    [
        ClosingCategory(id="c1", name="Order", description="Sizes,\nDelivery"),
        CannedReply(id="r1", name="Hi", text="Hi {{contact.name}}!\n"),
        CustomField(id="SIZE", name="Size", kind=FieldKind.LIST, options=("S", "M")),
    ],
)
def test_a_sound_item_is_taken(item: Item) -> None:
    assert check_item(item) == "" and check_items([item]) == ""


@pytest.mark.parametrize(
    "item",
    [
        ClosingCategory(id="c1", name=""),
        ClosingCategory(id="c1", name=" Order"),
        ClosingCategory(id="c1", name="Order\nnow"),
        ClosingCategory(id="c1", name="x" * 61),
        ClosingCategory(id="c1", name="x", description="x" * 201),
        ClosingCategory(id="../c", name="x"),
        CannedReply(id="r1", name="Hi", text=" \n"),
        CannedReply(id="r1", name="Hi", text="x" * 2001),
        CustomField(id="size", name="Size"),
        CustomField(id="EMAIL", name="Email"),
        CustomField(id="SIZE", name="Size", kind=FieldKind.LIST),
        CustomField(id="SIZE", name="Size", options=("S",)),
        CustomField(id="SIZE", name="Size", kind=FieldKind.LIST, options=("S", "S")),
        CustomField(id="SIZE", name="Size", kind=FieldKind.LIST, options=("",)),
    ],
)
def test_an_item_that_cannot_be_is_refused_with_a_sentence(item: Item) -> None:
    assert check_item(item).endswith(".") and check_items([item]) == check_item(item)


def test_a_list_has_an_end_and_no_two_alike() -> None:
    many = [CannedReply(id=f"r{i}", name=f"Reply {i}", text="x") for i in range(MAX_ITEMS + 1)]
    assert check_items(many[:-1]) == "" and "delete one first" in check_items(many)
    assert "same id" in check_items([many[0], CannedReply(id="r0", name="Other", text="x")])
    assert "this name already" in check_items([many[0], CannedReply(id="r1", name="REPLY 0", text="x")])
