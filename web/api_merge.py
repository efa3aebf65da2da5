"""Making two contacts one by the API."""

from domain.errors import Conflict, NotFound
from handlers.merges import MergeOutcome, outcome_text
from web.api_answers import contact_body
from web.api_models import MergeAnswer, MergeRequest
from web.api_references import find_contact, find_named
from web.api_requests import read_body
from web.context import context

#: So long an answer waits for the merge, which normally takes some milliseconds.
WAIT_S = 2.0


def merge_contact(ref: str) -> tuple[MergeAnswer, int]:
    """Make another contact part of this one; whoever repeats it is told what came of it, and nothing happens twice."""
    wanted = read_body(MergeRequest)
    primary, secondary = find_named(ref).contact.id, find_named(wanted.secondary).contact.id
    store = context().store
    entry = store.request_merge(primary, secondary, by=None)
    state = store.wait_for_merge(entry, WAIT_S)
    if not state.is_done:
        return MergeAnswer("under_way", None), 202
    match state.outcome:
        case MergeOutcome.MERGED | MergeOutcome.SAME:
            now = find_contact(f"id:{state.primary or primary}")
            is_new = state.outcome == MergeOutcome.MERGED
            return MergeAnswer("merged" if is_new else "same", contact_body(now.contact, now.open)), 200
        case MergeOutcome.UNKNOWN:
            raise NotFound(outcome_text(state.outcome))
        case _:
            raise Conflict(outcome_text(state.outcome))
