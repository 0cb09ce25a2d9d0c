"""The conversation with Home Assistant's Supervisor (home-assistant 5); it may be absent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from utec_gateway.core.errors import GatewayError
from utec_gateway.core.sanitize import sanitize
from utec_gateway.options.changes import merged
from utec_gateway.plugin_api.home_assistant import CoreAccess, MqttService
from utec_gateway.storage.settings import OptionsFile

ADDRESS = "http://supervisor"
DEADLINE = ClientTimeout(total=10.0)
OK, BAD_REQUEST = 200, 400
LONGEST_REASON = 200


class SupervisorError(GatewayError):
    """The Supervisor could not be asked; whatever was to change has not."""

    code = "supervisor_unavailable"
    http_status = 503


class SupervisorRefusedError(SupervisorError):
    """The Supervisor said no, in its own words."""

    code = "invalid_option"
    http_status = 400


@dataclass(frozen=True)
class AddonInfo:
    """What the Supervisor says of this add-on."""

    slug: str
    hostname: str
    options: Mapping[str, Any]


class SupervisorClient:
    """Raises SupervisorError for whatever goes wrong, SupervisorRefusedError for a "no"."""

    def __init__(self, session: ClientSession, token: str, address: str = ADDRESS) -> None:
        self._session = session
        self._token = token
        self._address = address

    @property
    def core(self) -> CoreAccess:
        """Return the way to Home Assistant Core through the Supervisor."""
        address = f"{self._address}/core"
        return CoreAccess(f"{address}/api", f"{address}/websocket", self._token)

    async def fetch_info(self) -> AddonInfo:
        """Return our own slug, hostname and options."""
        data = await self._call("GET", "/addons/self/info")
        slug, hostname, options = (data.get(name) for name in ("slug", "hostname", "options"))
        if not (isinstance(slug, str) and isinstance(hostname, str) and isinstance(options, dict)):
            raise SupervisorError("The Supervisor's answer about this add-on is incomplete")
        return AddonInfo(slug, hostname, options)

    async def fetch_hostname(self) -> str:
        """Return the name of the machine that Home Assistant runs on."""
        hostname = (await self._call("GET", "/info")).get("hostname")
        if not isinstance(hostname, str):
            raise SupervisorError("The Supervisor does not know this machine's name")
        return hostname

    async def save_options(self, options: Mapping[str, Any]) -> None:
        """Replace the add-on's options; the set must be whole."""
        await self._call("POST", "/addons/self/options", {"options": options})

    async def fetch_mqtt_service(self) -> MqttService | None:
        """Return the MQTT broker, None when there is none; its password changes with the broker."""
        try:
            data = await self._call("GET", "/services/mqtt")
        except SupervisorRefusedError:
            return None
        host, port = data.get("host"), data.get("port")
        if not (isinstance(host, str) and type(port) is int):
            raise SupervisorError("The Supervisor's answer about the MQTT broker is incomplete")
        username, password = (data.get(name) or "" for name in ("username", "password"))
        return MqttService(host, port, str(username), str(password), bool(data.get("ssl")))

    async def _call(self, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        try:
            async with self._session.request(
                method, self._address + path, json=body, headers=headers, timeout=DEADLINE
            ) as response:
                content = await response.read()
                status = response.status
        except (ClientError, OSError, TimeoutError) as error:
            raise SupervisorError(
                f"Home Assistant's Supervisor does not answer ({type(error).__name__})"
            ) from error
        answer = _json(content)
        if status == BAD_REQUEST and isinstance(answer.get("message"), str):
            # What follows "Got" repeats the options, secrets included.
            reason = sanitize(answer["message"].partition(" Got ")[0], LONGEST_REASON).rstrip(".")
            raise SupervisorRefusedError(f"Home Assistant refused: {reason}")
        data = answer.get("data")
        if status != OK or answer.get("result") != "ok":
            raise SupervisorError(f"Home Assistant's Supervisor answered HTTP {status}")
        return data if isinstance(data, Mapping) else {}


def _json(content: bytes) -> Mapping[str, Any]:
    """Read an answer; refusals of the Supervisor may be plain text."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, Mapping) else {}


class SupervisorOptions:
    """The options of an add-on: read from the file that the Supervisor writes, saved through it.

    Only what changes is put on top of the Supervisor's own set, so that a `!secret` elsewhere in
    it stays one.
    """

    def __init__(self, path: Path, supervisor: SupervisorClient) -> None:
        self._file = OptionsFile(path)
        self._supervisor = supervisor

    async def load(self) -> Mapping[str, Any]:
        """Return what the Supervisor wrote at start."""
        return await self._file.load()

    async def save(self, changes: Mapping[str, Any]) -> None:
        """Read, merge, send the whole set."""
        info = await self._supervisor.fetch_info()
        await self._supervisor.save_options(merged(info.options, changes))
