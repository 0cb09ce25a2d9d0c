"""The verbs of the action endpoint: discover, query, command."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from aiohttp import ClientSession

from utec_gateway.clock import Clock
from utec_gateway.errors import (
    GatewayError,
    InvalidTokenError,
    UtecProtocolError,
    UtecUnavailableError,
)
from utec_gateway.hookspecs import OptionsSource
from utec_gateway.models import Device, DeviceReport, Operation

from .envelope import (
    addressed,
    check_acceptance,
    parse_discovery,
    parse_payload,
    parse_reports,
    request_body,
)
from .meter import Meter
from .transport import post

_LOGGER = logging.getLogger(__name__)

AccessToken = Callable[[str | None], Awaitable[str]]
"""Gives a good access token; told the one that the cloud refused, it gives another."""
Payload = Mapping[str, Any]
T = TypeVar("T")


class Attempt(Protocol):
    """Does some work with a token, as often as the retry policy of an operation likes."""

    async def __call__(
        self, operation: Operation, work: Callable[[str], Awaitable[T]], token: str, /
    ) -> T:
        """Return the work's result, or raise its last error."""
        ...


LARGEST_BATCH = 20
"""Devices in one Query (utec-cloud 5.6)."""
DEADLINES = {Operation.DISCOVERY: 20.0, Operation.QUERY: 15.0}
COMMAND_DEADLINE = 6.0
"""Seconds. The integration gives up on us after ten."""


class UtecClient:
    """Speaks to the cloud; raises UtecError, TokenRefreshError or DeviceOfflineError."""

    def __init__(
        self,
        session: ClientSession,
        settings: OptionsSource,
        access_token: AccessToken,
        attempt: Attempt,
        meter: Meter,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._session = session
        self._settings = settings
        self._access_token = access_token
        self._attempt = attempt
        self._meter = meter

    async def fetch_devices(self) -> tuple[Mapping[str, Any], ...]:
        """Return the account's Discovery entries."""
        return await self._request(Operation.DISCOVERY, "Discovery", {}, parse_discovery)

    async def fetch_reports(self, devices: Sequence[Device]) -> tuple[DeviceReport, ...]:
        """Return what the cloud says of the devices; it may leave some out, never all."""
        reports: list[DeviceReport] = []
        for start in range(0, len(devices), LARGEST_BATCH):
            batch = [addressed(device) for device in devices[start : start + LARGEST_BATCH]]
            reports += await self._request(
                Operation.QUERY, "Query", {"devices": batch}, parse_reports
            )
        if devices and not reports:
            raise UtecProtocolError("U-tec's answer names none of the devices that we asked about")
        return tuple(reports)

    async def send_command(self, device: Device, operation: Operation) -> None:
        """Send "lock" or "unlock"; returning means accepted, which is not done (5.1)."""
        command = {"capability": "st.lock", "name": operation.value}
        payload = {"devices": [addressed(device, command=command)]}
        accepted = partial(check_acceptance, device_id=device.id)
        await self._request(operation, "Command", payload, accepted)

    async def _request(
        self, operation: Operation, name: str, payload: Payload, parse: Callable[[Any], T]
    ) -> T:
        """Send; a refused token proves that nothing ran, so renew once and send again.

        An attempt that may have run is not forgotten when a later one certainly did not.
        """
        doubts: list[UtecUnavailableError] = []

        async def send(token: str) -> T:
            try:
                return await self._send(operation, name, payload, parse, token)
            except UtecUnavailableError as error:
                doubts.extend([] if error.not_run else [error])
                raise

        try:
            token = await self._access_token(None)
            try:
                return await self._attempt(operation, send, token)
            except InvalidTokenError:
                _LOGGER.warning("Got 401, attempting token refresh (attempt 1)")
            return await self._attempt(operation, send, await self._access_token(token))
        except GatewayError as error:
            if doubts:
                raise doubts[-1] from error
            raise

    async def _send(
        self,
        operation: Operation,
        name: str,
        payload: Payload,
        parse: Callable[[Any], T],
        token: str,
    ) -> T:
        options = self._settings.options
        failed = True
        try:
            answer = await post(
                self._session,
                self._clock,
                f"{options.api_base_url}{options.action_path}",
                DEADLINES.get(operation, COMMAND_DEADLINE),
                json=request_body(name, payload, str(uuid4())),
                headers={"Authorization": f"Bearer {token}"},
            )
            parsed = parse(parse_payload(answer))
            failed = False
            return parsed
        finally:
            self._meter.count(operation, failed=failed)
