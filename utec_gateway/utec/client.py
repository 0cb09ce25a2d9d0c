"""The verbs of the action endpoint: discover, query, command."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar
from uuid import uuid4

from aiohttp import ClientSession

from utec_gateway.core.clock import Clock
from utec_gateway.core.command import Command
from utec_gateway.core.errors import (
    GatewayError,
    InvalidTokenError,
    UtecProtocolError,
    UtecUnavailableError,
    UtecUnreachableError,
)
from utec_gateway.core.models import Device, DeviceReport, Operation
from utec_gateway.plugin_api.hookspecs import OptionsSource

from .commands import wire_command
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

Payload = Mapping[str, Any]
T = TypeVar("T")


class AccessTokens(Protocol):
    """Gives good access tokens."""

    @property
    def is_fresh(self) -> bool:
        """Tell whether the present one is only seconds old."""
        ...

    def available_in(self) -> float:
        """Return seconds until there may be one by itself, infinite without a person."""
        ...

    async def access_token(self, refused: str | None = None, *, is_urgent: bool = False) -> str:
        """Return one, another than the one that the cloud `refused`; a person's is urgent."""
        ...


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
SECOND_THOUGHT = 2.0
"""Seconds after which a token that was just issued is tried again (utec-cloud 2.2)."""


class UtecClient:
    """Speaks to the cloud; raises UtecError, TokenRefreshError or DeviceOfflineError."""

    def __init__(
        self,
        session: ClientSession,
        settings: OptionsSource,
        tokens: AccessTokens,
        attempt: Attempt,
        meter: Meter,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._session = session
        self._settings = settings
        self._tokens = tokens
        self._attempt = attempt
        self._meter = meter

    def ready_in(self) -> float:
        """Return seconds until there may be a token to call with, infinite without a person."""
        return self._tokens.available_in()

    async def fetch_devices(self) -> tuple[Mapping[str, Any], ...]:
        """Return the account's Discovery entries."""
        return await self.request(Operation.DISCOVERY, "Device/Discovery", {}, parse_discovery)

    async def fetch_reports(
        self, devices: Sequence[Device], *, is_urgent: bool = False
    ) -> tuple[DeviceReport, ...]:
        """Return what the cloud says of the devices; it may leave some out, never all.

        With `is_urgent` a person waits for it, so that no pause of the token endpoint counts.
        """
        reports: list[DeviceReport] = []
        for start in range(0, len(devices), LARGEST_BATCH):
            batch = [addressed(device) for device in devices[start : start + LARGEST_BATCH]]
            reports += await self.request(
                Operation.QUERY,
                "Device/Query",
                {"devices": batch},
                parse_reports,
                is_urgent=is_urgent,
            )
        if devices and not reports:
            raise UtecProtocolError("U-tec's answer contains none of the requested devices")
        return tuple(reports)

    async def send_command(self, device: Device, command: Command) -> None:
        """Send a command; returning means accepted, not done (utec-cloud 5.1)."""
        payload = {"devices": [addressed(device, command=wire_command(command, device))]}
        accepted = partial(check_acceptance, device_id=device.id)
        await self.request(command.operation, "Device/Command", payload, accepted, is_urgent=True)

    async def register_push(self, url: str, secret: str) -> None:
        """Have news of the account pushed to an address, with a secret that proves their sender.

        U-tec keeps one address, the last one; nothing can be read back or taken back. A refusal
        may be of this call alone, so it does not count against the token that locks need.
        """
        notification = {"access_token": secret, "url": url}
        payload = {"configure": {"notification": notification}}
        await self.request(
            Operation.REGISTER_PUSH, "Configure/Set", payload, lambda _: None, may_refresh=False
        )

    async def request(
        self,
        operation: Operation,
        action: str,
        payload: Payload,
        parse: Callable[[Any], T],
        *,
        is_urgent: bool = False,
        may_refresh: bool = True,
    ) -> T:
        """Send; a refused token proves that nothing ran, so refresh once and send again.

        An attempt that may have run is not forgotten when a later one certainly did not.
        """
        options = self._settings.options  # before the token: it goes to no later address
        address = f"{options.api_base_url}{options.action_path}"
        ambiguous_errors: list[UtecUnavailableError] = []
        once = partial(self._send, address, operation, action, payload, parse)

        async def send(token: str) -> T:
            try:
                return await self._insist_if_fresh(once, token)
            except UtecUnavailableError as error:
                ambiguous_errors.extend([] if error.not_run else [error])
                raise

        try:
            token = await self._tokens.access_token(is_urgent=is_urgent)
            try:
                return await self._attempt(operation, send, token)
            except InvalidTokenError:
                if not may_refresh:
                    raise
                _LOGGER.warning("Got 401, attempting token refresh (attempt 1)")
            newer = await self._tokens.access_token(token, is_urgent=is_urgent)
            return await self._attempt(operation, send, newer)
        except GatewayError as error:
            if ambiguous_errors:
                raise ambiguous_errors[-1] from error
            raise

    async def _insist_if_fresh(self, send: Callable[[str], Awaitable[T]], token: str) -> T:
        """Send; a token that was just issued may not be known everywhere yet, so insist once."""
        try:
            return await send(token)
        except InvalidTokenError:
            if not self._tokens.is_fresh:
                raise
        _LOGGER.info("U-tec refused an access token that is seconds old; trying it once more")
        await self._clock.sleep(SECOND_THOUGHT)
        return await send(token)

    async def _send(
        self,
        address: str,
        operation: Operation,
        action: str,
        payload: Payload,
        parse: Callable[[Any], T],
        token: str,
    ) -> T:
        failed = reached = True
        try:
            answer = await post(
                self._session,
                self._clock,
                address,
                DEADLINES.get(operation, COMMAND_DEADLINE),
                json=request_body(action, payload, str(uuid4())),
                headers={"Authorization": f"Bearer {token}"},
            )
            parsed = parse(parse_payload(answer))
            failed = False
        except UtecUnreachableError:
            reached = False
            raise
        finally:
            self._meter.count(operation, failed=failed, reached=reached)
        return parsed
