"""One U-tec account: its sign-in, its devices, and what is done with them."""

from aiohttp import ClientSession

from .auth.refresh import TokenRenewal
from .auth.sign_in import SignIn
from .auth.tokens import TokenSource
from .core.clock import Clock
from .core.scheduler import Job
from .devices.cache import Picture
from .devices.commands import Commands
from .devices.device_list import DeviceList
from .devices.outcomes import Outcomes
from .devices.poller import LockCoordinator
from .issues.batteries import Batteries
from .issues.bolts import Bolts
from .issues.notifications import Notifications
from .issues.watch import Watch
from .journal.journal import Journal
from .logging.log_file import Redactor
from .plugin_api.hooks import Hooks
from .storage.settings import Settings
from .storage.store import StateStore
from .utec.client import UtecClient
from .utec.meter import Meter


class Account:
    """Builds everything that belongs to one account; nothing in it knows of another."""

    def __init__(
        self,
        session: ClientSession,
        settings: Settings,
        store: StateStore,
        hooks: Hooks,
        notifications: Notifications,
        journal: Journal,
        redactor: Redactor,
        clock: Clock,
    ) -> None:
        told = (store, settings, notifications, clock)
        self.tokens = TokenSource(TokenRenewal(hooks, *told), *told)
        self.sign_in = SignIn(hooks, self.tokens, clock, redactor.hide)
        self.meter = Meter(clock)
        cloud = UtecClient(session, settings, self.tokens, hooks.attempt, self.meter, clock)
        self.picture = Picture(clock, settings)
        device_list = DeviceList(self.picture, store, settings, notifications)
        outcomes = Outcomes(notifications, journal.command_ended, clock)
        bolts = Bolts(notifications, outcomes.is_under_way)
        polled = (device_list, settings, notifications, bolts)
        self.locks = LockCoordinator(cloud, self.picture, hooks, *polled, clock)
        self.commands = Commands(cloud, self.picture, self.locks, outcomes, clock)
        device_list.when_changed = self.commands.forget_all_but
        batteries = Batteries(self.picture, store, notifications, clock)
        self._watch = Watch(self.tokens, self.picture, self.locks, batteries, notifications, clock)
        self._store = store

    def jobs(self) -> tuple[Job, ...]:
        """Return what the account wants to have done over and over."""
        return (
            Job("renewal", self.tokens.due_in, self.tokens.renew_on_schedule),
            Job("look", self._look_due_in, self.locks.look),
            Job("watch", self._watch.due_in, self._watch.look),
        )

    async def load(self) -> None:
        """Begin with what was saved."""
        if self._store.state.devices:
            self.picture.discovered(self._store.state.devices)
        await self.tokens.take_over()

    async def close(self) -> None:
        """Abandon commands and looks; let a renewal in flight land."""
        await self.commands.close()
        await self.locks.close()
        await self.tokens.close()

    def _look_due_in(self) -> float:
        """Look only while there may be a token to look with."""
        return max(self.locks.due_in(), self.tokens.available_in())
