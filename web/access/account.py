"""My account: name, password, available or away, and where I am logged in."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from web.access.forms import NameForm, PasswordForm
from web.access.guarding import current_user, guard, signed_in
from web.access.passwords import hash_password, is_password
from web.access.return_paths import safe_path
from web.access.throttling import count_password_check
from web.context import context

account = Blueprint("account", __name__, url_prefix="/account")
guard(account)


@account.get("")
def show() -> Any:
    """Show all of it."""
    return _page(NameForm(formdata=None, name=current_user().name), PasswordForm(formdata=None))


@account.post("/name")
def rename() -> Any:
    """Take another name; entries that were written keep the old one."""
    form = NameForm()
    if not form.validate():
        return _page(form, PasswordForm(formdata=None)), 400
    context().store.change_user(current_user().id, lambda user: replace(user, name=str(form.name.data)))
    flash("Your name is saved.", "good")
    return redirect(url_for("account.show"), 303)


@account.post("/password")
def change_password() -> Any:
    """Take another password, which ends all other sessions. Needs the old one."""
    form, user = PasswordForm(), current_user()
    if not form.validate():
        return _page(NameForm(formdata=None, name=user.name), form), 400
    count_password_check(user.id)
    store = context().store
    stored = store.password_hash(user.id)
    if not is_password(stored, str(form.current.data)):
        form.current.errors = ["That is not your password."]
        return _page(NameForm(formdata=None, name=user.name), form), 400
    store.change_password(user, stored, hash_password(str(form.password.data)), keep_session=_here())
    flash("Your password is changed. You are logged out everywhere else.", "good")
    return redirect(url_for("account.show"), 303)


@account.post("/available")
def set_available() -> Any:
    """Say whether new conversations may be given to me: `available` is yes or no."""
    is_available = request.form.get("available") == "yes"
    context().store.change_user(current_user().id, lambda user: replace(user, is_available=is_available))
    flash("You are available." if is_available else "You are away.", "good")
    return redirect(safe_path(request.form.get("next") or url_for("account.show")), 303)


@account.post("/sessions/end")
def end_session() -> Any:
    """End one session of mine, named by `session`, or all others without."""
    store, user = context().store, current_user()
    if session := request.form.get("session"):
        store.end_session(user.id, session)
        flash("That session has ended.", "good")
    else:
        store.end_sessions(user.id, by=user.card, keep=_here())
        flash("You are logged out everywhere else.", "good")
    return redirect(url_for("account.show"), 303)


def _page(name_form: NameForm, password_form: PasswordForm) -> str:
    user = current_user()
    return render_template(
        "access/account.html",
        user=user,
        name_form=name_form,
        password_form=password_form,
        sessions=context().store.sessions(user.id),
        here=_here(),
    )


def _here() -> str:
    found = signed_in()
    return found.session.id if found else ""
