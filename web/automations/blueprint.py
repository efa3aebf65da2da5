"""The blueprint of the pages of automations: for managers and owners."""

from flask import Blueprint

from domain.users import Role
from web.access import guard

automations_pages = Blueprint("automations", __name__, url_prefix="/automations")
guard(automations_pages, Role.MANAGER)
