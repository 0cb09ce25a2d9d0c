"""The composition root: every long-lived object, built once, in floor order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from aiohttp import ClientSession

from .account import Account
from .core.clock import Clock
from .core.files import Executor, close_to_others
from .core.models import Token
from .core.notification import Notification
from .core.scheduler import Job, Scheduler
from .core.tasks import TaskSet
from .home_assistant.installation import Installation
from .home_assistant.supervisor import SupervisorClient
from .issues.checks import check_gateway
from .issues.facts import Finding, gateway_facts
from .issues.notifications import Notifications
from .issues.outbox import Outbox
from .issues.reporter import IssueReporter
from .issues.tracker import IssueTracker
from .issues.wording import Wording
from .journal.journal import Journal
from .logging.log_file import LogFile
from .logging.log_settings import LogSettings
from .logging.redactor import Redactor
from .logging.throttle import LogThrottle
from .plugin_api import PluginContext
from .plugin_api.feeds import Feeds
from .plugin_api.hook_calls import Hooks
from .plugin_api.registry import PluginRegistry
from .plugins.loader import PluginLoader
from .storage.legacy import migrate
from .storage.plugin_files import PluginFiles
from .storage.settings import OptionsStorage, Settings
from .storage.state_store import StateStore
from .web import app_keys
from .web.access import Access
from .web.applications import Services, applications
from .web.health import Health
from .web.login_links import LoginLinks
from .web.peer_address import SUPERVISOR, Address
from .web.serving import serving
from .web.sessions import Sessions

TOKENS = ("SUPERVISOR_TOKEN", "HOME_ASSISTANT_TOKEN")
"""Variables that must never be shown."""
GOODBYE_DEADLINE = 1.5
"""Seconds that plugins get to hear that the gateway stops."""


class Gateway:
    """Builds everything without awaiting; `running` starts it, and undoes it in reverse."""

    def __init__(
        self,
        storage: OptionsStorage,
        environment: Mapping[str, str],
        session: ClientSession,
        clock: Clock,
        data_dir: Path,
        executor: Executor = asyncio.to_thread,
        supervisor: SupervisorClient | None = None,
        plugins_dir: Path | None = None,
        ingress_peer: Address | None = None,
    ) -> None:
        self._clock, self._data_dir, self._executor = clock, data_dir, executor
        self.redactor = Redactor()
        for name in TOKENS:
            self.redactor.pin(name, environment.get(name, "").strip())
        self.log_file = LogFile(data_dir / "gateway.log", self.redactor, LogThrottle(clock))
        self._ingress_peer = ingress = ingress_peer or (SUPERVISOR if supervisor else None)
        settings = self.settings = Settings(storage, environment)
        changed, pin, redact = settings.changed, self.redactor.pin, self.redactor.redact
        self._log_settings = LogSettings(changed, self.redactor, has_supervisor=bool(ingress))
        self.store = StateStore(
            data_dir / "state.json", clock, executor, lambda: settings.options.credentials, pin
        )
        self.journal = Journal(data_dir / "journal.json", clock, redact, executor)
        self._plugins_dir = plugins_dir or data_dir / "plugins"
        self._plugin_files = PluginFiles(data_dir, executor)
        home = self.home = Installation(supervisor, environment, session, settings, clock)
        self._registry = PluginRegistry(clock, redact)
        self.hooks = hooks = Hooks(self._registry, clock, self.store.receive)
        self._feeds = feeds = Feeds(hooks)
        self.outbox = Outbox(hooks, changed, data_dir / "outbox.json", clock, executor)
        issues = data_dir / "issues.json"
        self.tracker = IssueTracker(self.outbox, self.journal, issues, clock, executor)
        wording = Wording(lambda: home.language.texts, None, home.identity.panel_directions)
        self.notifications = Notifications(self.tracker, wording, clock)
        listeners = (hooks, feeds, self.notifications, self.journal, self.redactor)
        parts = (session, settings, self.store, *listeners, home.time_zone.current)
        self.account = account = Account(*parts, clock, data_dir, executor)
        told = (self.tracker, self.notifications, wording)
        news = (account.tokens.changed, account.poller.polled, account.codes.changed, changed)
        self.issues = IssueReporter(self._findings, *told, news, clock)
        self.issues.published.subscribe(feeds.issues.publish)
        self.scheduler = Scheduler(clock, self._jobs(), (changed, *account.makes_due))
        self._tasks = TaskSet()
        told_of = (account.tokens, account.poller, self.scheduler, account.meter)
        self.health = Health(settings, *told_of, self.issues.issues, clock)
        self._sessions = Sessions(data_dir / "sessions.json", self.store.key, clock, executor)
        self._login_links = LoginLinks(clock)
        known = (self.store, settings, home.identity, self._sessions, ingress, clock)
        self._access = Access(*known, self.journal.wrong_key, environment)
        self._context = account.in_context(self._plugin_context(session))

    def _plugin_context(self, session: ClientSession) -> PluginContext:
        """Return what plugins can see of the gateway itself, and do with it."""
        home = self.home
        return PluginContext(
            self.settings,
            session,
            self._clock,
            home_assistant=home.core_access,
            mqtt_service=home.mqtt_service,
            options_changed=self.settings.changed,
            conceal=self.redactor.pin,
            open_storage=self._plugin_files.open,
            panel_link=lambda: home.identity.panel_link,
            panel_directions=home.panel_directions,
            text=home.language.text,
            core_notifications=home.core,
            core_webhooks=home.webhooks,
            delivered=lambda: self.tracker.delivered,
            dismissed_by_user=self.tracker.dismissed_by_user,
            issues=self.issues.statuses,
        )

    def _findings(self) -> Iterator[Finding]:
        """Yield what is wrong now with the account and with the gateway itself."""
        yield from self.account.findings()
        parts, has_supervisor = (self.settings, self.store, self.hooks), bool(self._ingress_peer)
        facts = gateway_facts(*parts, self._clock.now(), has_supervisor=has_supervisor)
        yield from check_gateway(facts)

    def _jobs(self) -> tuple[Job, ...]:
        return (
            *self.account.jobs(),
            Job("issues", self.issues.due_in, self.issues.check),
            Job("pending notifications", self.tracker.due_in, self.tracker.send_pending),
            Job("undelivered", self.outbox.due_in, self.outbox.retry_due),
            Job("journal", self.journal.due_in, self.journal.save),
            Job("save again", self.store.save_again_in, self.store.save),
            *self.home.jobs(),
        )

    def _services(self) -> Services:
        """Return what the handlers of pages and endpoints reach for."""
        return {
            app_keys.ACCESS: self._access,
            app_keys.CLOCK: self._clock,
            app_keys.CODES: self.account.codes,
            app_keys.COMMANDS: self.account.commands,
            app_keys.HEALTH: self.health,
            app_keys.HOOKS: self.hooks,
            app_keys.IDENTITY: self.home.identity,
            app_keys.EXECUTOR: self._executor,
            app_keys.ISSUES: self.issues,
            app_keys.JOURNAL: self.journal,
            app_keys.POLLER: self.account.poller,
            app_keys.PUSH_HINTS: self.account.push_hints,
            app_keys.LOGIN_LINKS: self._login_links,
            app_keys.LOG_FILE: self.log_file,
            app_keys.METER: self.account.meter,
            app_keys.NOTIFICATIONS: self.notifications,
            app_keys.DEVICE_CACHE: self.account.cache,
            app_keys.SESSIONS: self._sessions,
            app_keys.SETTINGS: self.settings,
            app_keys.SIGN_IN: self.account.sign_in,
            app_keys.STORE: self.store,
            app_keys.TOKENS: self.account.tokens,
        }

    @asynccontextmanager
    async def running(self, api: socket.socket, panel: socket.socket) -> AsyncIterator[None]:
        """Answer on the two listeners for as long as the context lasts."""
        async with AsyncExitStack() as undo:
            self.log_file.open()
            undo.push_async_callback(self._executor, self.log_file.close)
            close_to_others(self._data_dir)
            undo.push_async_callback(self.store.close)
            undo.push_async_callback(self.journal.close)
            undo.push_async_callback(self._sessions.close)
            await self._load()
            left_open = self.tracker.open
            undo.push_async_callback(self.outbox.close)
            undo.push_async_callback(self.tracker.close)
            undo.push_async_callback(self._tasks.close)
            undo.push_async_callback(self._feeds.close)
            undo.push_async_callback(self.account.close)
            undo.push_async_callback(self.scheduler.close)
            undo.push_async_callback(self._notify_stopping)
            listeners = applications(self._services(), api, panel)
            await undo.enter_async_context(serving(listeners, self._clock, self._ingress_peer))
            self.scheduler.start()
            self._tasks.create_task(self._begin(left_open), "gateway_started")
            yield

    def invitation(self) -> str | None:
        """Return a one-time link into the panel; None once somebody is signed in to U-tec."""
        is_first = self._access.has_login and self.account.tokens.token is None
        return self._login_links.new_path() if is_first else None

    async def _load(self) -> None:
        """Load options and state, or move in from an older gateway."""
        await self.settings.load()
        await PluginLoader(self._registry, self._context).load(self._plugins_dir)
        await self.store.load(None if self.store.exists else await self._move_in())
        await self._sessions.load()
        left_over = self.store.state.left_over
        parts = (self.journal, self.tracker, self.account)
        if all([await part.load(left_over) for part in parts]):
            await self.store.drop_left_over()
        await self.outbox.load(self.tracker.open)
        await self.account.start()
        self.issues.report()

    async def _move_in(self) -> Token | None:
        path = self._data_dir / "config.json"
        return await migrate(path, self.settings, self._executor, self._clock.now())

    async def _begin(self, left_open: Iterable[Notification]) -> None:
        self.journal.started()
        await self.hooks.started()
        self.tracker.repeat(left_open)

    async def _notify_stopping(self) -> None:
        self.journal.stopped()
        with suppress(TimeoutError):
            async with self._clock.timeout(GOODBYE_DEADLINE):
                await self.hooks.stopping()
