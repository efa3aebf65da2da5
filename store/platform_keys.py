"""The names of keys that are not a contact's: settings, users, automations, and whose turn it is to look."""


class PlatformKeys:
    """Nearly all of it is in partition 0; what is counted of automations is beside the contacts that they ran for."""

    def __init__(self, prefixes: list[str]) -> None:
        """prefixes: each partition's hash tag, in braces."""
        self._prefixes = prefixes

    def pause(self, channel: str) -> str:
        return f"{self._prefixes[0]}pause:{channel}"

    @property
    def rejected(self) -> str:
        return f"{self._prefixes[0]}rejected"

    @property
    def bot_log(self) -> str:
        """The last asks and fulfillment calls."""
        return f"{self._prefixes[0]}bot_log"

    @property
    def auto_close(self) -> str:
        """Whose minute it is to look for forgotten conversations."""
        return f"{self._prefixes[0]}auto_close"

    @property
    def auto_close_place(self) -> str:
        """Where the look for forgotten conversations goes on."""
        return f"{self._prefixes[0]}auto_close:place"

    @property
    def retention(self) -> str:
        """Whose hour it is to look for contacts that are too old to be kept."""
        return f"{self._prefixes[0]}retention"

    @property
    def retention_place(self) -> str:
        """Where the look for contacts that are too old goes on."""
        return f"{self._prefixes[0]}retention:place"

    @property
    def suggestions(self) -> str:
        """Pairs of contacts that may be one person: `<contact> <contact>`, by when they were found (ms)."""
        return f"{self._prefixes[0]}suggestions"

    @property
    def dismissed_suggestions(self) -> str:
        """The same of those of whom somebody said that they are two, by when (ms)."""
        return f"{self._prefixes[0]}suggestions:dismissed"

    @property
    def suggestions_claim(self) -> str:
        """Whose minute it is to look for them."""
        return f"{self._prefixes[0]}suggestions:claim"

    @property
    def suggestions_place(self) -> str:
        """Where the look for them goes on."""
        return f"{self._prefixes[0]}suggestions:place"

    @property
    def automations(self) -> str:
        """Every automation by its id."""
        return f"{self._prefixes[0]}automations"

    def run_numbers(self, partition: int) -> str:
        """How often automations ran for this partition: `<automation>|<what>` -> times, or when last (ms)."""
        return f"{self._prefixes[partition]}runs"

    def run_history(self, partition: int, automation: str) -> str:
        """How an automation's last runs for this partition's contacts went, newest first."""
        return f"{self._prefixes[partition]}runs:{automation}"

    def run_misses(self, partition: int, automation: str) -> str:
        """The same of those that did not come about, because its conditions were not met."""
        return f"{self._prefixes[partition]}misses:{automation}"

    @property
    def assignment_turn(self) -> str:
        """How often somebody was assigned in turn."""
        return f"{self._prefixes[0]}assignment_turn"

    @property
    def settings(self) -> str:
        return f"{self._prefixes[0]}settings"

    @property
    def users(self) -> str:
        """Everybody who may log in or could once, by id."""
        return f"{self._prefixes[0]}users"

    @property
    def user_emails(self) -> str:
        """Which user has an email address, in lower case."""
        return f"{self._prefixes[0]}users:emails"

    @property
    def passwords(self) -> str:
        """The hashes of passwords, by user."""
        return f"{self._prefixes[0]}users:passwords"

    @property
    def owners(self) -> str:
        """The owners who can log in: active, and with a password."""
        return f"{self._prefixes[0]}users:owners"

    @property
    def last_seen(self) -> str:
        """When each user was there last (ms)."""
        return f"{self._prefixes[0]}users:last_seen"

    def failed_log_in(self, user: str) -> str:
        """Exists while a wrong password for this user needs no further line in the audit."""
        return f"{self._prefixes[0]}users:failed:{user}"

    @property
    def audit(self) -> str:
        """Who did what, newest first."""
        return f"{self._prefixes[0]}audit"

    def link(self, user: str) -> str:
        """The one-time link that a user may use now; `first` stands for the first owner."""
        return f"{self._prefixes[0]}link:{user}"

    def sessions(self, user: str) -> str:
        """A user's sessions, by the hash of what the cookie holds."""
        return f"{self._prefixes[0]}sessions:{user}"
