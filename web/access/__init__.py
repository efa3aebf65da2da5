"""Who may see which page: log-in, sessions, users, one-time links, and what was done by whom."""

from web.access.auditing import record_audit
from web.access.guarding import current_user, guard, let_in, needs, viewer_or_none

__all__ = ["current_user", "guard", "let_in", "needs", "record_audit", "viewer_or_none"]
