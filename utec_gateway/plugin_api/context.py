"""What a plugin is given: the present, and what it can do."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from aiohttp import ClientSession

from utec_gateway.core.access_codes import LockCodes
from utec_gateway.core.clock import Clock
from utec_gateway.core.command import Command
from utec_gateway.core.errors import GatewayError, UnknownDeviceError
from utec_gateway.core.events import Event
from utec_gateway.core.models import Device, Operation
from utec_gateway.core.notification import Notification
from utec_gateway.options.schema import Options
from utec_gateway.texts.translations import english

from .cloud_status import CloudStatus
from .device_status import DeviceStatus
from .home_assistant import CoreAccess, CoreNotifications, CoreWebhooks, MqttService
from .hookspecs import OptionsSource, TokenRefresher
from .issue_status import IssueStatus
from .sent_command import SentCommand
from .sign_in_status import SignInStatus
from .storage import NoStorage, PluginStorage


async def _nobody_minds(_notification_id: str) -> None:
    """Let a notification be dismissed that nobody keeps."""


async def _unknown_device(_plugin: str, _device_id: str, _command: Command) -> SentCommand:
    """Refuse a command where there is no account."""
    raise UnknownDeviceError


async def _nowhere(_address: str, _secret: str) -> None:
    """Register nothing where there is no account."""


async def _nothing_to_do() -> None:
    """Do nothing where there is no account."""


@dataclass(frozen=True)
class PluginContext:
    """What a plugin may keep for life."""

    settings: OptionsSource
    session: ClientSession
    clock: Clock
    name: str = ""
    """The plugin's own: of the file in the plugins folder, or of the built-in."""
    options_changed: Event[Options] = field(default_factory=lambda: Event("the options"))
    """Emitted with the options after every change."""
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
    core_webhooks: CoreWebhooks | None = None
    """Home Assistant's webhooks, None while nobody says where it is."""
    register_push: Callable[[str, str], Awaitable[None]] = _nowhere
    """Has U-tec push to an address, with a secret; raises GatewayError."""
    push_received: Callable[[object], None] = lambda _pushed: None
    """Takes in the JSON of a push as a hint; raises GatewayError when it is none."""
    delivered: Callable[[], Iterable[Notification]] = tuple
    """The notifications that were delivered and are not resolved yet."""
    dismissed_by_user: Callable[[str], Awaitable[None]] = _nobody_minds
    """Reports, by id, that a person dismissed a notification where it was shown."""
    devices: Callable[[], tuple[Device, ...]] = tuple
    """Every device, as it is known now."""
    statuses: Callable[[], tuple[DeviceStatus, ...]] = tuple
    """Every device, with what of it may be shown and the command under way."""
    codes: Callable[[], tuple[LockCodes, ...]] = tuple
    """Who has a code for each lock; never a code, and nobody while codes are not managed."""
    cloud: Callable[[], CloudStatus] = CloudStatus
    """How the connection to the U-tec cloud stands now."""
    issues: Callable[[], tuple[IssueStatus, ...]] = tuple
    """Everything that is wrong now."""
    sign_in: Callable[[], SignInStatus] = SignInStatus
    """How the sign-in stands now."""
    signed_in: Event[None] = field(default_factory=lambda: Event("the sign-in"))
    """Emitted after every sign-in of a person, perhaps to another account."""
    token_endpoint: TokenRefresher | None = None
    """U-tec's token endpoint, for whoever does not replace it."""
    send: Callable[[str, str, Command], Awaitable[SentCommand]] = _unknown_device
    """Sends a command in the name of a plugin; a plugin calls `command`."""
    refuse: Callable[[str, str, Operation, GatewayError], None] = lambda *_: None
    """Enters that a plugin refused a command itself; a plugin calls `command_refused`."""
    refresh_devices: Callable[[], Awaitable[None]] = _nothing_to_do
    """Asks U-tec for the devices and their states, as a person would; raises GatewayError."""
    refresh_sign_in: Callable[[], Awaitable[None]] = _nothing_to_do
    """Refreshes the sign-in now, as a person would; raises GatewayError."""
    mqtt_service: Callable[[], Awaitable[MqttService | None]] | None = None
    """Asks the Supervisor for its MQTT broker; None where there is no Supervisor.

    Raises GatewayError when it does not answer.
    """
    conceal: Callable[[str, str], None] = lambda _name, _secret: None
    """Keeps a secret, by a name for it, out of the log and of every answer."""
    open_storage: Callable[[str], PluginStorage] = lambda _name: NoStorage()
    """Opens the storage of a plugin; a plugin reads `storage`, once."""

    @property
    def storage(self) -> PluginStorage:
        """Open the plugin's own storage."""
        return self.open_storage(self.name)

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

    def command_refused(self, device_id: str, operation: Operation, error: GatewayError) -> None:
        """Enter in log and journal that the plugin did not even send a command, and why."""
        self.refuse(self.name, device_id, operation, error)
