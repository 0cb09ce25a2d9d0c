"""What the handlers may reach, each under a typed key."""

from aiohttp.web import AppKey

from utec_gateway.clock import Clock
from utec_gateway.commands import Commands
from utec_gateway.health import Health
from utec_gateway.hooks import Hooks
from utec_gateway.identity import Identity
from utec_gateway.journal import Journal
from utec_gateway.locks import LockCoordinator
from utec_gateway.logs import LogFile
from utec_gateway.notifications import Notifications
from utec_gateway.picture import Picture
from utec_gateway.settings import Settings
from utec_gateway.sign_in import SignIn
from utec_gateway.store import InThread, StateStore
from utec_gateway.tokens import TokenSource
from utec_gateway.utec.meter import Meter

from .access import Access

ACCESS = AppKey("access", Access)
API_PORT = AppKey("api_port", int)
CLOCK: AppKey[Clock] = AppKey("clock")
COMMANDS = AppKey("commands", Commands)
HEALTH = AppKey("health", Health)
HOOKS = AppKey("hooks", Hooks)
IDENTITY = AppKey("identity", Identity)
IN_THREAD: AppKey[InThread] = AppKey("in_thread")
JOURNAL = AppKey("journal", Journal)
LOCKS = AppKey("locks", LockCoordinator)
LOG_FILE = AppKey("log_file", LogFile)
METER = AppKey("meter", Meter)
NOTIFICATIONS = AppKey("notifications", Notifications)
PANEL_PORT = AppKey("panel_port", int)
PICTURE = AppKey("picture", Picture)
SETTINGS = AppKey("settings", Settings)
SIGN_IN = AppKey("sign_in", SignIn)
STORE = AppKey("store", StateStore)
TOKENS = AppKey("tokens", TokenSource)
