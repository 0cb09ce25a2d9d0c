"""What a plugin is given: the present, and what it can do."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import ClientSession

from utec_gateway.core.clock import Clock
from utec_gateway.core.command import Command
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.models import Device, Notification, Operation
from utec_gateway.texts.translations import english

from .home_assistant import CoreAccess, CoreNotifications
from .hookspecs import OptionsSource, TokenRefresher
from .issue_status import IssueStatus
from .sent_command import SentCommand
from .sign_in_status import SignInStatus


async def _nobody_minds(_notification_id: str) -> None:
    """Let a notification be dismissed that nobody keeps."""


async def _unknown_device(_plugin: str, _device_id: str, _command: Command) -> SentCommand:
    """Refuse a command where there is no account."""
    raise UnknownDeviceError


@dataclass(frozen=True)
class PluginContext:
    """What a plugin may keep for life."""

    settings: OptionsSource
    session: ClientSession
    clock: Clock
    name: str = ""
    """The plugin's own: of the file in the plugins folder, or of the built-in."""
    panel_link: Callable[[], str | None] = lambda: None
    """The in-app path of our panel, None while or where it is not known."""
    panel_directions: Callable[[], str] = lambda: "Open the U-tec Gateway"
    """How people get to our panel, in words that need no link; without a full stop."""
    text: Callable[..., str] = english
    """A text of the gateway's translations by its key, in the installation's language."""
    home_assistant: Callable[[], CoreAccess | None] = lambda: None
    """How to reach Home Assistant; raises OptionsError when that is only half set up."""
    core_notifications: CoreNotifications | None = None
    """Home Assistant's notifications, None while nobody says where it is."""
    delivered: Callable[[], Iterable[Notification]] = tuple
    """The notifications that were delivered and are not resolved yet."""
    dismissed_by_user: Callable[[str], Awaitable[None]] = _nobody_minds
    """Reports, by id, that a person dismissed a notification where it was shown."""
    devices: Callable[[], tuple[Device, ...]] = tuple
    """Every device, as it is known now."""
    issues: Callable[[], tuple[IssueStatus, ...]] = tuple
    """Everything that is wrong now."""
    sign_in: Callable[[], SignInStatus] = SignInStatus
    """How the sign-in stands now."""
    token_endpoint: TokenRefresher | None = None
    """U-tec's token endpoint, for whoever does not replace it."""
    send: Callable[[str, str, Command], Awaitable[SentCommand]] = _unknown_device
    """Sends a command in the name of a plugin; a plugin calls `command`."""

    @property
    def told(self) -> Callable[[], Iterable[Notification]]:
        """Return `delivered` under the name that plugins written for 0.1.0 know."""
        return self.delivered

    @property
    def wave_off(self) -> Callable[[str], Awaitable[None]]:
        """Return `dismissed_by_user` under the name that plugins written for 0.1.0 know."""
        return self.dismissed_by_user

    async def command(
        self, device_id: str, operation: Operation, level: int | None = None
    ) -> SentCommand:
        """Send a command; return within eight seconds, when nothing refused it.

        Raises the GatewayError that it was refused with, or that made it fail in this time.
        """
        return await self.send(self.name, device_id, Command(operation, level))
