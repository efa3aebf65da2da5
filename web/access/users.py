"""The owner's page of users: who they are, what they may do, how they come in, and how they are kept out."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from domain.errors import NotFound
from domain.users import Role, User
from web.access.forms import InviteForm, RoleForm
from web.access.guarding import current_user, guard
from web.context import context

users = Blueprint("users", __name__, url_prefix="/settings/users")
guard(users, Role.OWNER)


@users.get("")
def list_users() -> Any:
    """Show everybody, and the form for an invitation."""
    return _list(InviteForm(formdata=None))


@users.post("")
def invite() -> Any:
    """Add a user, and show the link for them, this once."""
    form = InviteForm()
    if not form.validate():
        return _list(form), 400
    is_restricted = bool(form.is_restricted.data) and form.role.data is Role.AGENT
    user, token = context().store.add_user(
        str(form.email.data), form.role.data, is_restricted=is_restricted, by=current_user().card
    )
    return _show_link(user, token)


@users.get("/<user>")
def show(user: str) -> Any:
    """Show one user and what can be done about them."""
    found = _find(user)
    return _show(found, RoleForm(formdata=None, role=found.role, is_restricted=found.is_restricted))


@users.post("/<user>/role")
def change_role(user: str) -> Any:
    """Change what a user may do; it holds from their next request on."""
    found, form = _find(user), RoleForm()
    if not form.validate():
        return _show(found, form), 400
    is_restricted = bool(form.is_restricted.data) and form.role.data is Role.AGENT
    _change(user, "user.role_changed", role=form.role.data, is_restricted=is_restricted)
    flash("The role is saved.", "good")
    return redirect(url_for("users.show", user=user), 303)


@users.post("/<user>/link")
def make_link(user: str) -> Any:
    """Show a new link for a user, this once; the one of before leads nowhere from now on."""
    token = context().store.make_link(user, by=current_user().card)
    return _show_link(_find(user), token)


@users.post("/<user>/deactivate")
def deactivate(user: str) -> Any:
    """Keep a user out, from this moment."""
    _change(user, "user.deactivated", is_active=False)
    flash("The user is deactivated and logged out everywhere.", "good")
    return redirect(url_for("users.show", user=user), 303)


@users.post("/<user>/activate")
def activate(user: str) -> Any:
    """Let a user in again, with their old password."""
    _change(user, "user.activated", is_active=True)
    flash("The user may log in again.", "good")
    return redirect(url_for("users.show", user=user), 303)


@users.post("/<user>/sessions/end")
def end_sessions(user: str) -> Any:
    """Log a user out everywhere."""
    _find(user)
    context().store.end_sessions(user, by=current_user().card)
    flash("The user is logged out everywhere.", "good")
    return redirect(url_for("users.show", user=user), 303)


def _list(form: InviteForm) -> str:
    store = context().store
    return render_template(
        "access/users.html", form=form, users=store.users(), invited=store.invited(), last_seen=store.last_seen()
    )


def _show(user: User, form: RoleForm) -> str:
    store = context().store
    return render_template(
        "access/user.html",
        form=form,
        user=user,
        is_invited=user.id in store.invited(),
        sessions=store.sessions(user.id),
        last_seen=store.last_seen().get(user.id),
    )


def _show_link(user: User, token: str) -> str:
    address = f"{context().public_base}{url_for('access.link', token=token)}"
    is_invited = user.id in context().store.invited()
    return render_template("access/user_link.html", user=user, address=address, is_invited=is_invited)


def _change(user: str, what: str, **values: Any) -> None:
    context().store.change_user(user, lambda found: replace(found, **values), what=what, by=current_user().card)


def _find(user: str) -> User:
    found = context().store.read_user(user)
    if found is None:
        raise NotFound("There is no such user.")
    return found
