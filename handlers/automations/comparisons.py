"""How a text that is known of a contact is compared with what a condition says."""

import re
from decimal import Decimal

from domain.automations import Condition
from domain.search_terms import normalize_phone

_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?")


def compare_text(condition: Condition, text: str) -> bool:
    """Tell whether a text is as a condition says, without upper and lower case."""
    value, text = str(condition.value).casefold(), text.casefold()
    match condition.operator:
        case "is":
            return text == value
        case "is_not":
            return text != value
        case "contains":
            return value in text
        case "does_not_contain":
            return value not in text
        case "is_set":
            return bool(text)
        case "is_not_set":
            return not text
        case _:
            return compare_number(condition, text)


def compare_number(condition: Condition, text: str) -> bool:
    """Tell whether a text is a number that is at least, or at most, what a condition says."""
    if not _NUMBER.fullmatch(text):
        return False
    number, value = Decimal(text), Decimal(str(condition.value))
    return number >= value if condition.operator == "at_least" else number <= value


def compare_phone(condition: Condition, phone: str) -> bool:
    """The same for a phone number, whatever people put between its digits."""
    value = str(condition.value)
    return compare_text(Condition(condition.subject, condition.operator, normalize_phone(value) or value), phone)


def compare_beginning(condition: Condition, language: str) -> bool:
    """The same for a language, where “is” looks at the beginning: `en` is en-GB. Some platforms write en_GB."""
    if condition.operator not in ("is", "is_not"):
        return compare_text(condition, language)
    value = str(condition.value).casefold().replace("_", "-")
    return language.casefold().replace("_", "-").startswith(value) == (condition.operator == "is")
