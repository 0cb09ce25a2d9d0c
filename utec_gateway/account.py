"""One U-tec account: its sign-in, its devices, and what is done with them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from random import SystemRandom
from typing import Any

from aiohttp import ClientSession

from .access_codes.access_codes import AccessCodes
from .access_codes.guest_book import GuestBook
from .auth.refresh import TokenRefresh
from .auth.sign_in import SignIn
from .auth.token_source import TokenSource
from .core.clock import Clock
from .core.files import Executor
from .core.scheduler import Job
from .core.zone import Zone
from .devices.activities import Activities
from .devices.cache import DeviceCache
from .devices.commands import Commands
from .devices.device_list import DeviceList
from .devices.next_poll import PollingPace
from .devices.outcomes import Outcomes
from .devices.plugin_commands import PluginCommands
from .devices.poller import DevicePoller
from .devices.push_hints import PushHints
from .devices.statuses import DeviceStatuses
from .issues.battery_history import Batteries
from .issues.bolt_movements import BoltMovements
from .issues.checks import check_account
from .issues.facts import AccountFacts, CodeFacts, DeviceFacts, Finding, SignInFacts
from .issues.notifications import Notifications
from .journal.journal import Journal
from .logging.redactor import Redactor
from .plugin_api import CloudStatus, PluginContext
from .plugin_api.feeds import Feeds
from .plugin_api.hook_calls import Hooks
from .storage.settings import Settings
from .storage.state_store import StateStore
from .utec.client import UtecClient
from .utec.meter import Meter
from .utec.oauth import TokenEndpoint
from .utec.push import news_in
from .utec.user_client import UserClient


class Account:
    """Builds everything that belongs to one account; nothing in it knows of another."""

    def __init__(
        self,
        session: ClientSession,
        settings: Settings,
        store: StateStore,
        hooks: Hooks,
        feeds: Feeds,
        notifications: Notifications,
        journal: Journal,
        redactor: Redactor,
        zone: Callable[[], Zone],
        clock: Clock,
        folder: Path,
        executor: Executor,
    ) -> None:
        refresh = TokenRefresh(hooks, store, settings, journal.refreshed, clock)
        self.tokens = TokenSource(refresh, store, settings, clock)
        self.sign_in = SignIn(hooks, self.tokens, clock, redactor.hide)
        self.meter = Meter(clock)
        calls = (self.tokens, hooks.attempt, self.meter)
        self._cloud = cloud = UtecClient(session, settings, *calls, clock)
        self.cache = DeviceCache(clock, settings)
        self._devices = DeviceList(
            self.cache, folder / "devices.json", settings, redactor.shorten, executor
        )
        self._outcomes = outcomes = Outcomes(self._devices.changed, clock)
        pace = PollingPace(settings, self.meter.sent, clock)
        polls = (self.cache, hooks, self._devices, pace, settings, self.sign_in.signed_in)
        self.poller = DevicePoller(cloud, *polls, clock)
        book = GuestBook(folder / "access_codes.json", clock, executor)
        seen = (self.cache, self.poller.changed, settings)
        users = UserClient(cloud, pace.check)
        self.codes = AccessCodes(users, book, *seen, zone, clock, SystemRandom())
        self.makes_due = (self.sign_in.signed_in, pace.quickened, self.codes.locks.made_due)
        """What makes one of the jobs due earlier than it said."""
        self.commands = Commands(cloud, self.cache, self.poller, outcomes, settings, clock)
        self._plugin_commands = PluginCommands(self.cache, self.commands, outcomes)
        devices_changed = (self._devices.changed, self.poller.changed)
        self._batteries = Batteries(
            self.cache, *devices_changed, folder / "batteries.json", clock, executor
        )
        self.push_hints = PushHints(self.poller, self.cache, clock)
        self._settings = settings
        self._store = store
        self._clock, self._built_at = clock, clock.monotonic()
        self._token_endpoint = TokenEndpoint(session, settings, clock)
        self._statuses = DeviceStatuses(self.cache, outcomes, devices_changed)
        self._tell(notifications, journal, feeds)

    def _tell(self, notifications: Notifications, journal: Journal, feeds: Feeds) -> None:
        """Let them know what happens here."""
        movements = BoltMovements(self.poller.changed)
        activities = Activities(self.poller.changed, self._outcomes, self._clock)
        for on_outcome in (journal.command_ended, notifications.command_ended):
            self._outcomes.ended.subscribe(on_outcome)
        for on_move in (notifications.bolt_moved, self.push_hints.moved):
            movements.moved.subscribe(on_move)
        for on_statuses in (feeds.devices.publish, journal.statuses_changed):
            self._statuses.changed.subscribe(on_statuses)
        for on_activity in (feeds.activity, journal.happened):
            activities.occurred.subscribe(on_activity)
        for devices in (self._devices.changed, self.poller.changed):
            devices.subscribe(notifications.forget_all_but)
        self.tokens.changed.subscribe(lambda status: feeds.sign_in.publish([status]))
        self._settings.changed.subscribe(lambda _: self.codes.locks.tell())
        self.codes.changed.subscribe(feeds.codes.publish)
        for on_code_event in (feeds.code_event, journal.code_happened):
            self.codes.happened.subscribe(on_code_event)

    def jobs(self) -> tuple[Job, ...]:
        """Return what the account wants to have done over and over."""
        return (
            Job("token refresh", self.tokens.due_in, self.tokens.refresh_on_schedule),
            Job("poll", self.poller.due_in, self.poller.poll),
            Job("old readings", self._statuses.due_in, self._statuses.fade),
            Job("access codes", self.codes.locks.due_in, self.codes.locks.run),
        )

    def findings(self) -> Iterable[Finding]:
        """Return what is wrong now, and what is known not to be."""
        codes, devices = self._code_facts(), self._facts()
        return check_account(AccountFacts(self.cache.now(), self._sign_in_facts(), devices, codes))

    def _code_facts(self) -> CodeFacts:
        running_for = self._clock.monotonic() - self._built_at
        return CodeFacts(self.codes.all(), self.codes.zone(), running_for)

    def _sign_in_facts(self) -> SignInFacts:
        tokens = self.tokens
        return SignInFacts(
            can_sign_in=self._settings.options.can_sign_in,
            token=tokens.token,
            is_usable=tokens.is_usable,
            refusal=tokens.refusal,
            reauth_required=tokens.reauth_required,
            failure=tokens.failure,
            is_proven=tokens.is_proven,
            recovery=self._store.recovery,
        )

    def _facts(self) -> DeviceFacts:
        cache = self.cache
        under_way = filter(self._outcomes.is_under_way, (one.id for one in cache.devices))
        return DeviceFacts(
            devices=cache.devices,
            failure=self.poller.failure,
            is_starting=self.poller.is_starting,
            is_list_empty=cache.is_list_empty,
            empty_since=cache.empty_since,
            batteries=self._batteries.histories,
            slowed=self.poller.pace.slowed,
            under_way=frozenset(under_way),
        )

    def in_context(self, context: PluginContext) -> PluginContext:
        """Add what plugins can see of the account, and do with it."""
        return replace(
            context,
            devices=lambda: self.cache.devices,
            sign_in=self.tokens.status,
            signed_in=self.sign_in.signed_in,
            token_endpoint=self._token_endpoint,
            send=self._plugin_commands.send,
            refuse=self._plugin_commands.refuse,
            statuses=self._statuses.now,
            codes=self.codes.all,
            cloud=self._cloud_status,
            refresh_devices=self.poller.discover,
            refresh_sign_in=self._refresh_sign_in,
            register_push=self._register_push,
            push_received=lambda pushed: self.push_hints.received(news_in(pushed)),
        )

    async def _register_push(self, url: str, secret: str) -> None:
        await self._cloud.register_push(url, secret)
        self.push_hints.registered()

    def _cloud_status(self) -> CloudStatus:
        """Return how the cloud stands; without a poll that succeeded or failed nobody knows."""
        is_known = self.poller.failure or self.poller.last_updated
        is_reachable = self.poller.failure is None if is_known else None
        return CloudStatus(is_reachable, self.meter.last_hour())

    async def _refresh_sign_in(self) -> None:
        await self.tokens.refresh()

    async def load(self, left_over: Mapping[str, Any]) -> bool:
        """Begin with what was saved, or what 0.1.1 left of it in the state file.

        Return whether files of its own hold it.
        """
        await self.codes.load()
        return all([await part.load(left_over) for part in (self._devices, self._batteries)])

    async def start(self) -> None:
        """Begin with the sign-in that was found."""
        await self.tokens.take_over()

    async def close(self) -> None:
        """Abandon commands and polls; let a refresh under way finish."""
        await self.commands.close()
        await self.push_hints.close()
        await self.poller.close()
        await self._devices.close(self._clock)
        await self._batteries.close()
        await self.codes.close()
        await self.tokens.close()
