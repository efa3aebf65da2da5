"""Automations: the list, the editor, one automation with its numbers, history and dry run. One module per page."""

from web.automations import editor, exchange, lists, one
from web.automations.blueprint import automations_pages
from web.automations.choices import set_up_automations

__all__ = ["automations_pages", "editor", "exchange", "lists", "one", "set_up_automations"]
