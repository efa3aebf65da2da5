"""What each user did."""

from domain.durations import middle_ms
from domain.reports import Chart, Column, Number, Row, Table, Unit, Value
from domain.summaries import count_contacts
from handlers.reports.labels import label_of
from handlers.reports.stretches import Stretch, ratio
from handlers.reports.tables import Users

COLUMNS = (
    Column("closed", "Closed"),
    Column("contacts_closed", "Contacts closed"),
    Column("assigned", "Assigned"),
    Column("messages", "Messages"),
    Column("first_response", "First response, average", Unit.DURATION),
    Column("response", "Response, average", Unit.DURATION),
    Column("resolution", "Resolution Time, average", Unit.DURATION),
    Column("longest", "Resolution Time, longest", Unit.DURATION),
)


def numbers(now: Stretch, before: Stretch) -> tuple[Number, ...]:
    """Return what all users did together."""
    metrics = {
        "closed": ("Closed by users", "Conversations that users closed."),
        "assigned": ("Assigned to users", "Assignments, without those that took a conversation away."),
        "message": ("Messages by users", "Messages that users wrote here, not in the Page's own inbox."),
    }
    return tuple(
        Number(key=metric, label=label, value=_of_users(now, metric), before=_of_users(before, metric), hint=hint)
        for metric, (label, hint) in metrics.items()
    )


def charts(now: Stretch, before: Stretch) -> tuple[Chart, ...]:
    """There are none: the table is to be sorted."""
    return ()


def tables(now: Stretch, before: Stretch, users: Users) -> tuple[Table, ...]:
    """Return one row for each user who did anything, who closed most first."""
    whole = now.whole
    contacts = count_contacts(now.days, "contact_closed_by", "user")
    columns: list[dict[str, Value]] = [
        dict(whole.by("closed", "user")),
        dict(contacts),
        dict(whole.by("assigned", "user")),
        dict(whole.by("message", "user")),
        _averages(now, "first_response", "first_response_ms"),
        _averages(now, "response", "response_ms"),
        _averages(now, "closed", "resolution_ms"),
        {user: middle_ms(bucket) for user, bucket in whole.longest_by("closed", "user").items()},
    ]
    found = sorted(
        {user for column in columns for user in column if user}, key=lambda user: _rank(columns, user, users)
    )
    rows = tuple(
        Row(
            key=user,
            label=label_of("user", user, users),
            values=tuple(
                column.get(user, 0 if COLUMNS[place].unit is Unit.COUNT else None)
                for place, column in enumerate(columns)
            ),
            behind={"what": "closed", "user": user} if columns[0].get(user) else {},
        )
        for user in found
    )
    return (Table(key="users", title="Users", of="User", columns=COLUMNS, rows=rows),)


def _rank(columns: list[dict[str, Value]], user: str, users: Users) -> tuple[float, str]:
    return -(columns[0].get(user) or 0), label_of("user", user, users)


def _averages(now: Stretch, metric: str, sum_metric: str) -> dict[str, Value]:
    counts, sums = now.whole.by(metric, "user"), now.whole.by(sum_metric, "user")
    return {user: ratio(sums.get(user, 0), count) for user, count in counts.items()}


def _of_users(stretch: Stretch, metric: str) -> int | None:
    if not stretch.knows(metric):
        return None
    return sum(count for user, count in stretch.whole.by(metric, "user").items() if user)
