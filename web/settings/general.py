"""The page of what holds for the whole platform."""

from flask import render_template, request
from werkzeug.wrappers import Response

from domain.platform_settings import time_zones
from web.context import context
from web.settings.forms import GeneralForm
from web.settings.hours_form import HoursForm
from web.settings.pages import save_values, saved, settings_pages, written

_PATH = "/settings/general"


@settings_pages.get("/general")
def show_general() -> str:
    """Show the settings as they are."""
    return _page()


@settings_pages.post("/general")
def save_general() -> Response | tuple[str, int]:
    """Save what was changed in the form, and nothing else."""
    form = GeneralForm(request.form)
    if not form.validate():
        return _page(form), 400
    return saved(_PATH) if save_values(form, written(form)) else (_page(form), 409)


@settings_pages.post("/general/business-hours")
def save_hours() -> Response | tuple[str, int]:
    """Save when the business is open, which is one setting."""
    form = HoursForm(request.form)
    if not form.validate():
        return _page(hours=form), 400
    wanted = {"business_hours": str(form.hours)}
    return saved(_PATH) if save_values(form, wanted) else (_page(hours=form), 409)


def _page(form: GeneralForm | None = None, hours: HoursForm | None = None) -> str:
    settings = context().store.platform_settings(is_fresh=True)
    form, hours = form or GeneralForm(obj=settings), hours or HoursForm.of(settings.business_hours)
    return render_template(
        "settings/general.html",
        form=form,
        seen={field.name: settings.text_of(field.name) for field in form},
        hours=hours,
        seen_hours={"business_hours": settings.text_of("business_hours")},
        zone=settings.time_zone,
        time_zones=time_zones(),
    )
