"""What the handlers may reach, each under a typed key."""

from aiohttp.web import AppKey

from utec_gateway.access_codes.access_codes import AccessCodes
from utec_gateway.auth.sign_in import SignIn
from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.clock import Clock
from utec_gateway.core.files import Executor
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.devices.commands import Commands
from utec_gateway.devices.poller import DevicePoller
from utec_gateway.devices.push_hints import PushHints
from utec_gateway.home_assistant.identity import Identity
from utec_gateway.issues.notifications import Notifications
from utec_gateway.issues.reporter import IssueReporter
from utec_gateway.journal.journal import Journal
from utec_gateway.logging.log_file import LogFile
from utec_gateway.plugin_api.hook_calls import Hooks
from utec_gateway.storage.settings import Settings
from utec_gateway.storage.state_store import StateStore
from utec_gateway.utec.meter import Meter

from .access import Access
from .health import Health
from .login_links import LoginLinks
from .sessions import Sessions

ACCESS = AppKey("access", Access)
API_PORT = AppKey("api_port", int)
CLOCK: AppKey[Clock] = AppKey("clock")
CODES = AppKey("codes", AccessCodes)
COMMANDS = AppKey("commands", Commands)
HEALTH = AppKey("health", Health)
HOOKS = AppKey("hooks", Hooks)
IDENTITY = AppKey("identity", Identity)
EXECUTOR: AppKey[Executor] = AppKey("executor")
ISSUES = AppKey("issues", IssueReporter)
JOURNAL = AppKey("journal", Journal)
POLLER = AppKey("poller", DevicePoller)
LOGIN_LINKS = AppKey("login_links", LoginLinks)
LOG_FILE = AppKey("log_file", LogFile)
METER = AppKey("meter", Meter)
NOTIFICATIONS = AppKey("notifications", Notifications)
PUSH_HINTS = AppKey("push_hints", PushHints)
PANEL_PORT = AppKey("panel_port", int)
DEVICE_CACHE = AppKey("device_cache", DeviceCache)
SESSIONS = AppKey("sessions", Sessions)
SETTINGS = AppKey("settings", Settings)
SIGN_IN = AppKey("sign_in", SignIn)
STORE = AppKey("store", StateStore)
TOKENS = AppKey("tokens", TokenSource)
