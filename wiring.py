"""Makes store, channels and what automations call with from the settings, the same for web, worker and the commands."""

from dataclasses import dataclass
from functools import partial

from calls.hooks import Hooks
from channels.facebook import Facebook
from channels.viber import Viber
from domain.errors import StoreError
from settings import Settings
from store import Store


@dataclass(frozen=True, slots=True)
class Channels:
    """The connected channels."""

    facebook: Facebook | None
    vibers: dict[str, Viber]  # by the bot's name

    def by_account(self) -> dict[str, Facebook | Viber]:
        """Return each connected page and bot, as `kind:account`, with the channel that speaks for it."""
        pages = {f"facebook:{page}": self.facebook for page in self.facebook.pages} if self.facebook else {}
        return {**pages, **{f"viber:{name}": viber for name, viber in self.vibers.items()}}


def make_store(settings: Settings, *, threads: int, timeout_s: float) -> Store:
    """Make the store for a process with so many threads; nothing is sent to the server yet."""
    return Store(settings.redis_url, partitions=settings.partitions, max_connections=threads + 4, timeout_s=timeout_s)


def make_channels(settings: Settings, store: Store | None = None) -> Channels:
    """Make a channel for the Meta app, if it has pages, and for each Viber bot.

    store: where the names that Viber's contacts see are set; without it, or unset, a bot goes by its own name.
    """
    facebook = None
    if settings.facebook_pages:
        facebook = Facebook(
            settings.facebook_app_id,
            settings.facebook_app_secrets,
            settings.facebook_verify_token,
            settings.facebook_pages,
            settings.facebook_graph_url,
        )
    vibers = {
        name: Viber(name, token, settings.viber_api_url, partial(_sender_name, store, name))
        for name, token in settings.viber_bots.items()
    }
    return Channels(facebook, vibers)


def make_hooks(settings: Settings) -> Hooks:
    """Make what calls the addresses that automations name."""
    return Hooks(settings.automation_hosts)


def _sender_name(store: Store | None, bot: str) -> str:
    if store is None:
        return bot
    try:
        return store.platform_settings().sender_names.get(f"viber:{bot}", bot)
    except StoreError:
        return bot
