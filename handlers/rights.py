"""Which contacts and conversations a user may see."""

from domain.models import Contact, OpenConversation
from domain.users import User


def may_see(user: User, contact: Contact, open: OpenConversation | None) -> bool:
    """Tell whether `user` may see this contact, and act for it.

    A restricted agent sees who is theirs or nobody's: by the open conversation, else by the one that was closed last.
    """
    if user.sees_all:
        return True
    if open:
        return open.assignee is None or str(open.assignee["id"]) == user.id
    return contact.last_assignee in ("", user.id)
