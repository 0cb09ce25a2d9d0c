"""What a plugin author imports, listed in `__all__`, and the guards around every call of a plugin.

It must not know any plugin.
"""

from utec_gateway.core.access_codes import (
    CodeEvent,
    CodeEventKind,
    CodeState,
    Guest,
    LockCodes,
    OtherUser,
    Schedule,
)
from utec_gateway.core.activity import Activity, ActivityKind
from utec_gateway.core.backoff import Backoff
from utec_gateway.core.clock import Clock, done_within
from utec_gateway.core.const import VERSION
from utec_gateway.core.errors import (
    DeviceOfflineError,
    GatewayError,
    GrantRefusedError,
    InvalidRequestError,
    NotConfirmedError,
    NotDeliveredError,
    OptionsError,
    PassageModeError,
    PluginError,
    ReauthRequiredError,
    TokenAnswerError,
    TokenEndpointError,
    TokenRateLimitedError,
    TokenRefreshError,
    UnknownDeviceError,
    UtecError,
)
from utec_gateway.core.issue import Severity
from utec_gateway.core.models import Device, Operation, StateEntry, Token
from utec_gateway.core.notification import Notification
from utec_gateway.core.outcome import CommandOutcome, CommandState
from utec_gateway.core.readings import (
    BATTERY_LOW,
    Capability,
    Connection,
    DoorState,
    Fixture,
    LockMode,
    LockState,
    Moment,
    Reading,
    Readings,
    Sensor,
    SwitchState,
)
from utec_gateway.core.sanitize import encodable, sanitize
from utec_gateway.core.tasks import TaskSet
from utec_gateway.options.schema import EmailOptions, MqttOptions, Options

from .broker_status import BrokerState, BrokerStatus
from .cloud_status import CloudStatus
from .context import PluginContext
from .device_status import DeviceStatus
from .home_assistant import (
    CoreAccess,
    CoreNotifications,
    CoreWebhooks,
    MqttService,
    NotificationChange,
    NotificationSubscription,
    WebhookSubscription,
)
from .hookspecs import GatewayHooks, OptionsSource, TokenRefresher, hookimpl
from .issue_status import IssueStatus
from .never_repeated import NEVER_REPEATED
from .push_status import PushState, PushStatus
from .sent_command import SentCommand
from .sign_in_status import SignInStatus
from .storage import PluginStorage

__all__ = [
    "BATTERY_LOW",
    "NEVER_REPEATED",
    "VERSION",
    "Activity",
    "ActivityKind",
    "Backoff",
    "BrokerState",
    "BrokerStatus",
    "Capability",
    "Clock",
    "CloudStatus",
    "CodeEvent",
    "CodeEventKind",
    "CodeState",
    "CommandOutcome",
    "CommandState",
    "Connection",
    "CoreAccess",
    "CoreNotifications",
    "CoreWebhooks",
    "Device",
    "DeviceOfflineError",
    "DeviceStatus",
    "DoorState",
    "EmailOptions",
    "Fixture",
    "GatewayError",
    "GatewayHooks",
    "GrantRefusedError",
    "Guest",
    "InvalidRequestError",
    "IssueStatus",
    "LockCodes",
    "LockMode",
    "LockState",
    "Moment",
    "MqttOptions",
    "MqttService",
    "NotConfirmedError",
    "NotDeliveredError",
    "Notification",
    "NotificationChange",
    "NotificationSubscription",
    "Operation",
    "Options",
    "OptionsError",
    "OptionsSource",
    "OtherUser",
    "PassageModeError",
    "PluginContext",
    "PluginError",
    "PluginStorage",
    "PushState",
    "PushStatus",
    "Reading",
    "Readings",
    "ReauthRequiredError",
    "Schedule",
    "Sensor",
    "SentCommand",
    "Severity",
    "SignInStatus",
    "StateEntry",
    "SwitchState",
    "TaskSet",
    "Token",
    "TokenAnswerError",
    "TokenEndpointError",
    "TokenRateLimitedError",
    "TokenRefreshError",
    "TokenRefresher",
    "UnknownDeviceError",
    "UtecError",
    "WebhookSubscription",
    "done_within",
    "encodable",
    "hookimpl",
    "sanitize",
]
