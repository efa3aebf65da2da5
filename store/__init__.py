"""The only folder that speaks to Redis. Each change of state is one script in lua/."""

from domain.platform_settings import PlatformSettings
from store.ageing import Ageing
from store.automations import AutomationsKept
from store.bot_log import BotLog, BotRecord
from store.committing import Committed, Committing
from store.contact_lists import ContactLists, ContactRow
from store.dashboard import Dashboard, UserLoad, WaitingContact, Workload
from store.deleting import Deleted, Deleting
from store.file_types import sniff
from store.files import Files, StoredFile
from store.forward_histories import ForwardHistories
from store.hints import Heard, hear
from store.histories import HistoryEntry, HistoryPage
from store.idling import Idling
from store.inbox import Inbox
from store.keys import TYPING_CHANNEL, WAKE_CHANNEL
from store.links import Link, Purpose
from store.listing import Page, Position
from store.load import CurrentLoad, Load
from store.merging import MergeState, Merging
from store.notices import Notice, Notices
from store.operations import Operations
from store.platform import Platform
from store.profiles import Profiles
from store.reading import Reading, TimelinePage
from store.receiving import Received, Receiving
from store.reenacting import Past, Reenacting
from store.report_lists import ReportLists
from store.run_histories import RunHistories
from store.searching import Searching
from store.sending import Left, Sending, Settled
from store.sessions import SESSION_LONGEST_S, Session, Sessions
from store.suggestions import Suggestions
from store.summaries import MOST_NEW_DAYS, Reports, Summaries
from store.turns import Turn, Turns
from store.typing import Typing
from store.unmatched import Unmatched, UnmatchedMessages
from store.wakeups import listen
from store.wanted_conversations import Found, Step, Wanted, What
from store.welcomes import Welcomes

__all__ = [
    "MOST_NEW_DAYS",
    "SESSION_LONGEST_S",
    "TYPING_CHANNEL",
    "WAKE_CHANNEL",
    "BotRecord",
    "Committed",
    "ContactRow",
    "CurrentLoad",
    "Deleted",
    "Found",
    "Heard",
    "HistoryEntry",
    "HistoryPage",
    "Left",
    "Link",
    "MergeState",
    "Notice",
    "Page",
    "Past",
    "PlatformSettings",
    "Position",
    "Purpose",
    "Received",
    "Session",
    "Settled",
    "Step",
    "Store",
    "StoredFile",
    "Summaries",
    "TimelinePage",
    "Turn",
    "Unmatched",
    "UserLoad",
    "WaitingContact",
    "Wanted",
    "What",
    "Workload",
    "hear",
    "listen",
    "sniff",
]


class Store(
    Merging,
    ForwardHistories,
    Operations,
    Receiving,
    Committing,
    Turns,
    Sending,
    Welcomes,
    Reading,
    Inbox,
    ContactLists,
    Searching,
    Platform,
    Files,
    Typing,
    Profiles,
    Notices,
    BotLog,
    Idling,
    Deleting,
    Ageing,
    Reports,
    ReportLists,
    UnmatchedMessages,
    Sessions,
    Load,
    Dashboard,
    Suggestions,
    Reenacting,
    AutomationsKept,
    RunHistories,
):
    """Everything that the platform remembers; the parts are one file each."""
