"""What a play needs in the store before it begins: the team, the closing categories and the tags."""

from collections.abc import Mapping
from dataclasses import replace

from demo.people import TEAM
from demo.texts import CATEGORIES, TAGS
from domain.platform_settings import PlatformSettings
from domain.setting_lists import ClosingCategory
from domain.users import User
from handlers.platform_settings import add_item
from store import Store
from store.setting_words import write_list

#: No password has this hash.
NO_PASSWORD = "nobody's"


def add_team(store: Store) -> list[User]:
    """Return the team's users in order; who is not there yet is added. Nobody can log in as one of them.

    Raises Conflict, StoreError.
    """
    return [_member(store, number) for number in range(len(TEAM))]


def add_settings(store: Store) -> None:
    """Add the categories and tags of the play, where they are missing. Raises BadPayload, Conflict, StoreError."""
    store.change_settings(_with_categories)
    store.know_tags(TAGS)


def _member(store: Store, number: int) -> User:
    member = TEAM[number]
    user = store.find_user(member.email)
    if user is None:
        user, token = store.add_user(member.email, member.role, name=member.name)
    elif store.password_hash(user.id):
        return user
    else:
        token = store.make_link(user.id)  # stopped between the two steps
    user = store.use_link(store.find_link(token), name=member.name, password_hash=NO_PASSWORD)
    return store.change_user(user.id, lambda one: replace(one, is_available=member.is_available))


def _with_categories(settings: PlatformSettings) -> Mapping[str, str]:
    items = settings.closing_categories
    taken = {item.name.casefold() for item in items}
    for place, name in enumerate(CATEGORIES):
        if name.casefold() not in taken:
            items = add_item(items, ClosingCategory(id=f"demo{place}", name=name))
    return {} if items == settings.closing_categories else {"closing_categories": write_list(items)}
