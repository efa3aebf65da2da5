"""`flask --app app user`: adds users and makes links for them, for whoever runs the machine."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from domain.errors import Conflict, NotFound, StoreError
from domain.users import Role
from store.links import Links

_LOOKS_LIKE_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_MAX_EMAIL_CHARS = 254
_MAX_NAME_CHARS = 80


def command(make_store: Callable[[], Links], find_address: Callable[[], str]) -> click.Group:
    """Return the commands; the arguments are called when one runs, so that --help works without settings.

    find_address: returns where users find the platform, without the slash at the end.
    """

    @click.group("user", help="Add users, and make the links by which they come in.")
    def user() -> None:
        pass

    @user.command("add", help="Add a user and print the link of their invitation; it works once, for 7 days.")
    @click.argument("email")
    @click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
    @click.option("--name", default="", help="They may change it when they come in.")
    def add(email: str, role: str, name: str) -> None:
        if not _LOOKS_LIKE_EMAIL.fullmatch(email) or len(email) > _MAX_EMAIL_CHARS or not email.isprintable():
            raise click.UsageError(f"{email!r} is not an email address")
        if len(name) > _MAX_NAME_CHARS or not name.isprintable():
            raise click.UsageError(f"a name has at most {_MAX_NAME_CHARS} characters, all of which can be shown")
        with _errors_said():
            _, token = make_store().add_user(email, Role(role), name=name)
            click.echo(_link(find_address(), token))

    @user.command("link", help="Print a link for a new password; it works once, for 24 hours (invited: 7 days).")
    @click.argument("email")
    def link(email: str) -> None:
        with _errors_said():
            store = make_store()
            found = store.find_user(email)
            if found is None:
                raise click.ClickException(f"no user has the email address {email!r}; user add adds one")
            click.echo(_link(find_address(), store.make_link(found.id)))

    @user.command("first-link", hidden=True, help="Print the first owner's link; nothing when somebody can log in.")
    def first_link() -> None:
        with _errors_said():
            token = make_store().make_first_link()
            if token:
                click.echo(_link(find_address(), token))

    return user


@contextmanager
def _errors_said() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise click.ClickException(f"{error}. Is the platform running?") from error
    except (Conflict, NotFound) as error:
        raise click.ClickException(str(error)) from error


def _link(address: str, token: str) -> str:
    return f"{address}/link?token={token}"
