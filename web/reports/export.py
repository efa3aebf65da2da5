"""`flask --app app export`: the same CSV files as the pages have, for whoever runs the machine."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import click

from domain.errors import BadPayload, StoreError
from domain.metrics import ReportName
from domain.periods import Preset
from store import Store, What
from web.reports.making import conversations_file, count_wanted, file_name, parse_wanted, report_file
from web.reports.reading import DEFAULT, parse_filters, parse_period, today_of

LIST = "conversations-list"
LINE_END = b"\r\n"
_HELP = f"""Write a report, or the list of conversations behind its numbers, as a CSV file.

{LIST} has one row per conversation; a report has one row per value. docs/reports.md says what the columns mean.
Days are those of the platform's time zone."""


def command(make_store: Callable[[], Store]) -> click.Command:
    """Return the command; make_store is called when it runs, so that its --help works without settings."""

    @click.command("export", help=_HELP)
    @click.argument("report", type=click.Choice([LIST, *map(str, ReportName)]))
    @click.option("--what", type=click.Choice([*map(str, What)]), help=f"Which conversations: of {LIST} only (closed).")
    @click.option("--from", "from_", metavar="DATE", help="First day, like 2026-11-01.")
    @click.option("--to", metavar="DATE", help="Last day, included.")
    @click.option("--preset", type=click.Choice([*map(str, Preset)]), help=f"Instead of dates ({DEFAULT}).")
    @click.option("--channel", help="facebook or viber.")
    @click.option("--source", help="Of the opening or the closing, for example user or dialogflow.")
    @click.option("--user", metavar="EMAIL|ID", help="Who opened, closed or replied.")
    @click.option("--category", help="Of the closing note.")
    @click.option("--output", metavar="FILE", help="- for standard output; otherwise a file named after what is in it.")
    @click.option("--force", is_flag=True, help="Overwrite FILE.")
    def export(report: str, what: str | None, output: str | None, force: bool, **options: str | None) -> None:
        if what and report != LIST:
            raise click.UsageError(f"--what goes with {LIST} only")
        if options["preset"] and (options["from_"] or options["to"]):
            raise click.UsageError("--preset stands for dates: give one or the other")
        words = {name.rstrip("_"): value for name, value in options.items() if value}
        try:
            store = make_store()
            words = _with_user_id(store, {**words, **({"what": what} if what else {})})
            pieces, expected, name = _made(store, report, words)
            _write(pieces, expected, output or name, force)
        except BadPayload as error:
            raise click.UsageError(str(error)) from error
        except StoreError as error:
            left = "What was written is not whole" if output == "-" else "No file was written"
            raise click.ClickException(f"{error}. Is the platform running? {left}.") from error

    return export


def _with_user_id(store: Store, words: dict[str, str]) -> dict[str, str]:
    if "@" not in words.get("user", ""):
        return words
    found = store.find_user(words["user"])
    if found is None:
        raise BadPayload(f"no user has the email address {words['user']!r}")
    return {**words, "user": found.id}


def _made(store: Store, report: str, words: dict[str, str]) -> tuple[Iterable[bytes], int, str]:
    """The file, how many rows it has as far as one knows, and what it is called."""
    today = today_of(store)
    if report == LIST:
        wanted = parse_wanted(words, store.platform_settings().zone, today)
        name = file_name(f"conversations-{wanted.what}", wanted.period)
        return conversations_file(store, wanted), count_wanted(store, wanted) or 0, name
    found = ReportName(report)
    period, _ = parse_period(words, today)
    return report_file(store, found, period, parse_filters(words, found)), 0, file_name(found, period)


def _write(pieces: Iterable[bytes], expected: int, output: str, force: bool) -> None:
    with _opened(output, force) as file:
        rows = _copy(pieces, file, expected)
    where = "" if output == "-" else f" to {output}"
    click.echo(f"{rows} row{'' if rows == 1 else 's'} written{where}", err=True)


def _copy(pieces: Iterable[bytes], file: BinaryIO, expected: int) -> int:
    """Write it with a bar that shows how far it is; return how many rows there were, without the first one."""
    rows = -1
    with ExitStack() as stack:
        bar = None
        if expected:
            bar = stack.enter_context(
                click.progressbar(
                    length=expected, label="Writing", file=sys.stderr, show_pos=True, update_min_steps=100
                )
            )
        for piece in pieces:
            file.write(piece)
            some = piece.count(LINE_END)
            rows += some
            if bar is not None and rows:
                bar.update(some)
    return rows


@contextmanager
def _opened(output: str, force: bool) -> Iterator[BinaryIO]:
    """A file that has its name only when it is whole. Raises click.ClickException where it cannot be made."""
    if output == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    if not force and path.exists():
        raise _is_there(path)
    try:
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _give_name(Path(name), path, force)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            os.unlink(name)


def _give_name(made: Path, path: Path, force: bool) -> None:
    """Put it in its place; what somebody else put there meanwhile stays."""
    if not force:
        try:
            os.link(made, path)  # unlike a rename it never overwrites
            return
        except FileExistsError:
            raise _is_there(path) from None
        except OSError:  # a file system without links
            if path.exists():
                raise _is_there(path) from None
    made.replace(path)


def _is_there(path: Path) -> click.ClickException:
    return click.ClickException(f"{path} is there already; --force overwrites it, --output names another one")
