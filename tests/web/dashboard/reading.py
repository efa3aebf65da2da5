"""How tests read the Dashboard."""

import html
import re

from werkzeug.test import TestResponse

PATH = "/dashboard"
WIDGETS = "/dashboard/widgets"


def widget(page: TestResponse, name: str) -> str:
    """The widget whose heading has this id, without what is around it."""
    assert page.status_code == 200, page.text
    found = re.search(
        rf'<section class="card widget" aria-labelledby="{name}-title">.*?</section>', page.text, re.DOTALL
    )
    assert found, name
    return found[0]


def said(piece: str) -> str:
    """What is to be read in a piece of a page."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", piece)).split())


def items(page: TestResponse, name: str, within: str) -> list[str]:
    """What each item of a widget's list says. within: the list's own id."""
    found = re.search(rf'<(\w+)[^>]* id="{within}" data-list>(.*?)</\1>', widget(page, name), re.DOTALL)
    found = found or re.search(rf'<(\w+) id="{within}" data-list>(.*?)</\1>', widget(page, name), re.DOTALL)
    assert found, within
    return [said(one) for one in re.findall(r"<(?:li|tr) id=.*?</(?:li|tr)>", found[2], re.DOTALL)]
