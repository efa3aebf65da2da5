"""The page of what holds for the whole platform."""

from flask import render_template, request
from werkzeug.wrappers import Response

from domain.platform_settings import time_zones
from web.context import context
from web.settings.forms import GeneralForm
from web.settings.pages import save_values, saved, settings_pages, written

_PATH = "/settings/general"


@settings_pages.get("/general")
def show_general() -> str:
    """Show the settings as they are."""
    return _page(GeneralForm(obj=context().store.platform_settings(is_fresh=True)))


@settings_pages.post("/general")
def save_general() -> Response | tuple[str, int]:
    """Save what was changed in the form, and nothing else."""
    form = GeneralForm(request.form)
    if not form.validate():
        return _page(form), 400
    return saved(_PATH) if save_values(form, written(form)) else (_page(form), 409)


def _page(form: GeneralForm) -> str:
    settings = context().store.platform_settings(is_fresh=True)
    seen = {field.name: settings.text_of(field.name) for field in form}
    return render_template("settings/general.html", form=form, seen=seen, time_zones=time_zones())
