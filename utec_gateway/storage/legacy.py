"""Moving in: the `config.json` of the older gateways, read once and left untouched."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from utec_gateway.core.errors import GatewayError, OptionsError
from utec_gateway.core.files import Executor, read_private
from utec_gateway.core.models import Token
from utec_gateway.options.changes import change_options
from utec_gateway.options.schema import Options

from .json_file import parse_date
from .settings import Settings

_LOGGER = logging.getLogger(__name__)

OPTION_OF = {
    "base_url": "api_base_url",
    "api_base_url": "api_base_url",
    "oauth_base_url": "oauth_base_url",
    "action_path": "action_path",
    "access_key": "client_id",
    "secret_key": "client_secret",
    "scope": "scope",
    "redirect_url": "redirect_uri",
    "redirect_uri": "redirect_uri",
    "status_poll_interval": "poll_interval_seconds",
    "auto_refresh_enabled": "auto_refresh_enabled",
    "refresh_buffer_minutes": "refresh_buffer_minutes",
}
"""What the older gateways called our options (http-contract 4, 6)."""

NEVER_REAL = frozenset({"https://openapi.ultraloq.com", "https://openapi.u-tec.com"})
"""Addresses that early 1.3 gateways shipped as defaults and that never answered."""


@dataclass(frozen=True)
class Legacy:
    """What an older gateway leaves behind."""

    options: Mapping[str, Any]
    token: Token | None


async def migrate(
    path: Path, settings: Settings, executor: Executor, now: datetime
) -> Token | None:
    """Take over what an older gateway left, and return its sign-in."""
    legacy: Legacy | None = await executor(read_legacy, path, now)
    if legacy is None:
        return None
    _LOGGER.info("Moving in from an older gateway; its config.json is left untouched")
    for name, value in legacy.options.items():
        if getattr(settings.options, name) != getattr(Options(), name):
            continue  # somebody has chosen it here
        try:
            await settings.change({name: value})
        except GatewayError as error:
            _LOGGER.warning("The older gateway's setting is left behind: %s", error)
    return legacy.token


def read_legacy(path: Path, now: datetime) -> Legacy | None:
    """Return what the file holds, or None when there is no such file or no sense in it."""
    try:
        raw = json.loads(read_private(path).decode("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        _LOGGER.warning("The older gateway's %s cannot be read: %s", path.name, error)
        return None
    if not isinstance(raw, Mapping):
        _LOGGER.warning("The older gateway's %s holds no settings", path.name)
        return None
    return Legacy(_options(raw), _token(raw, now))


def _options(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Take over every setting that still makes sense."""
    found: dict[str, Any] = {}
    for old, name in OPTION_OF.items():
        value = raw.get(old)
        if value in ("", None) or (isinstance(value, str) and value.rstrip("/") in NEVER_REAL):
            continue
        try:
            change_options(Options(), {name: value})
        except OptionsError as error:
            _LOGGER.warning("The older gateway's %s is left behind: %s", old, error.problem)
        else:
            found[name] = value
    return found


def _token(raw: Mapping[str, Any], now: datetime) -> Token | None:
    """Take over the sign-in; 1.3 kept a relative lifetime, which means nothing by now."""
    access_token, refresh_token = raw.get("access_token"), raw.get("refresh_token")
    if not isinstance(access_token, str) or not access_token:
        return None
    try:
        expires_at = parse_date(raw.get("token_expires_at"))
    except ValueError:
        expires_at = now
    return Token(
        access_token=access_token,
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        issued_at=min(now, expires_at),
        expires_at=expires_at,
    )
