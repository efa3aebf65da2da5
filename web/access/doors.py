"""The pages for those who are not logged in: log in, log out, and the page of a one-time link."""

import contextlib
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict

from domain.errors import Conflict, NotFound, StoreError
from domain.users import User
from store import Purpose
from web.access.devices import name_device
from web.access.forms import FirstOwnerForm, LinkForm, LogInForm
from web.access.guarding import TOKEN, USER, arrive, came_from_elsewhere, signed_in
from web.access.passwords import hash_password, is_outdated, is_password
from web.access.return_paths import HOME, safe_path
from web.access.throttling import count_email, count_link, count_visitor, forget_failures
from web.context import context

access = Blueprint("access", __name__)
_ARRIVED = "arrived"  # says that a page of ours led here: nobody is led around twice
_WRONG = "Email or password is wrong, or this user may not log in."


@access.get("/login")
def login() -> Any:
    """Ask for email address and password; lead on who is logged in already."""
    if came_from_elsewhere() and _ARRIVED not in request.args:
        return _arrive_here()
    if signed_in():
        return redirect(safe_path(request.args.get("next", HOME)))
    return _show_login(LogInForm(formdata=None))


@access.post("/login")
def log_in() -> Any:
    """Log somebody in, under a new session id."""
    count_visitor()
    form = LogInForm()
    if not form.validate():
        return _show_login(form), 400
    email, password = str(form.email.data), str(form.password.data)
    count_email(email)
    store = context().store
    user = store.find_user(email)
    stored = store.password_hash(user.id) if user and user.is_active else ""
    if not is_password(stored, password) or user is None:
        if user:
            store.record_failed_log_in(user.card)
        form.password.errors = [_WRONG]
        return _show_login(form), 401
    stored = _with_todays_costs(user, stored, password)
    _begin_session(user, stored)
    with contextlib.suppress(StoreError):
        forget_failures(email)
    return redirect(safe_path(request.args.get("next", HOME)), 303)


@access.post("/logout")
def log_out() -> Any:
    """End the session here."""
    found = signed_in()
    _end_session()
    if found:
        with contextlib.suppress(StoreError):  # out they are
            context().store.record_audit("user.logged_out", found.user.card, device=found.session.device)
    return redirect(url_for("access.login"), 303)


@access.get("/link")
def link() -> Any:
    """Ask who comes by a one-time link for name and password; looking at it does not use it up."""
    if came_from_elsewhere() and _ARRIVED not in request.args:
        return _arrive_here()
    count_link()
    found = context().store.find_link(request.args.get("token", ""))
    given = MultiDict({"name": found.user.name}) if found.user else None
    form = FirstOwnerForm(formdata=None) if found.user is None else LinkForm(formdata=None, data=given)
    return render_template("access/link.html", form=form, user=found.user, purpose=found.purpose)


@access.post("/link")
def use_link() -> Any:
    """Set name and password, and log in."""
    count_link()
    store = context().store
    found = store.find_link(request.args.get("token", ""))
    form = FirstOwnerForm() if found.purpose is Purpose.FIRST else LinkForm()
    if not form.validate():
        return render_template("access/link.html", form=form, user=found.user, purpose=found.purpose), 400
    stored = hash_password(str(form.password.data))
    email = str(form.email.data) if isinstance(form, FirstOwnerForm) else ""
    user = store.use_link(found, name=str(form.name.data), password_hash=stored, email=email)
    _begin_session(user, stored)
    flash("Your password is set, and you are logged in.", "good")
    return redirect(HOME, 303)


@access.after_request
def keep_the_address(response: Response) -> Response:
    """Let no request that a page makes say where it was made: the address of a one-time link opens a door."""
    if request.endpoint in ("access.link", "access.use_link"):
        response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _show_login(form: LogInForm) -> str:
    return render_template("access/login.html", form=form, is_first=_is_nobody_there())


def _is_nobody_there() -> bool:
    try:
        return not context().store.has_users()
    except StoreError:
        return False


def _arrive_here() -> Any:
    names = {**request.args.to_dict(), _ARRIVED: "1"}
    return arrive(f"{request.path}?{urlencode(names)}")


def _with_todays_costs(user: User, stored: str, password: str) -> str:
    """Hash anew what was hashed with other costs; return the hash that is stored from now on."""
    if not is_outdated(stored):
        return stored
    fresh = hash_password(password)
    with contextlib.suppress(Conflict):
        context().store.change_password(user, stored, fresh)
        return fresh
    return stored


def _begin_session(user: User, stored: str) -> None:
    """Nothing of the cookie of before is left: neither its session nor its CSRF token."""
    token = context().store.begin_session(user, stored, name_device(request.headers.get("User-Agent", "")))
    _end_session()
    session.permanent = True
    session[USER], session[TOKEN] = user.id, token


def _end_session() -> None:
    found = signed_in()
    if found:
        with contextlib.suppress(NotFound):
            context().store.end_session(found.user.id, found.session.id)
    session.clear()
