"""Who plays: the team, and the names of contacts. All of them are made up."""

import random
from typing import NamedTuple

from domain.users import Role


class Member(NamedTuple):
    """Somebody of the team. pace: how long their replies take, to the others'; share: of the replies."""

    name: str
    email: str
    role: Role
    share: float
    pace: float
    is_available: bool = True


TEAM = (
    Member("Ottoline Vey", "ottoline.vey@example.com", Role.OWNER, 0.01, 1.5, False),
    Member("Casimir Holt", "casimir.holt@example.com", Role.MANAGER, 0.05, 0.9),
    Member("Ndidi Amara", "ndidi.amara@example.com", Role.MANAGER, 0.04, 1.1),
    Member("Tova Lindgaard", "tova.lindgaard@example.com", Role.AGENT, 0.27, 0.6),
    Member("Ruslan Petkow", "ruslan.petkow@example.com", Role.AGENT, 0.22, 0.9),
    Member("Mirabel Osei", "mirabel.osei@example.com", Role.AGENT, 0.18, 1.0),
    Member("Joris Tamm", "joris.tamm@example.com", Role.AGENT, 0.14, 1.4),
    Member("Yuki Arendt", "yuki.arendt@example.com", Role.AGENT, 0.09, 2.2, False),
)
MANAGERS, AGENTS = (1, 2), (3, 4, 5, 6, 7)

_FIRST = (
    *(
        "Ada",
        "Alma",
        "Amir",
        "Anouk",
        "Bela",
        "Bram",
        "Cleo",
        "Dario",
        "Davor",
        "Edda",
        "Elio",
        "Emre",
        "Fenna",
        "Flora",
    ),
    *("Goran", "Hanne", "Ida", "Ilse", "Imre", "Ivo", "Jonna", "Kaja", "Kemal", "Lale", "Lev", "Liv", "Mara", "Milo"),
    *("Nadia", "Nils", "Noor", "Odile", "Oskar", "Paz", "Petra", "Rafi", "Runa", "Sanna", "Stoyan", "Tariq", "Thea"),
    *("Ulla", "Vesna", "Viggo", "Wanda", "Xenia", "Yara", "Zoran"),
)
_LAST = (
    *("Abelard", "Birkeland", "Brodak", "Calder", "Castellan", "Dragov", "Ekwall", "Fennick", "Galanis", "Haddon"),
    *("Iskren", "Jelavic", "Kettering", "Kolarov", "Larsgaard", "Lombard", "Madrigal", "Nadasdy", "Okonjo", "Pallas"),
    *("Quill", "Rademaker", "Sablon", "Stoilov", "Tervo", "Undset", "Valcheva", "Wexford", "Yarrow", "Zelenko"),
)


def name_of(chance: random.Random) -> str:
    """Return a contact's name."""
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def email_of(name: str, number: int) -> str:
    """Return the email address of the contact with this name and number."""
    first, _, last = name.lower().partition(" ")
    return f"{first}.{last}{number}@example.com"


def phone_of(number: int) -> str:
    """Return a phone number of nobody: its country code is none."""
    return f"+999{number:07d}"
