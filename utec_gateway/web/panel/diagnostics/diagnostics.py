"""A file for bug reports: what a developer needs, and nothing else.

It is an allowlist: a list of what must not be in it would never be complete.
"""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import aiohttp
import aiohttp_jinja2
import aiosmtplib
import pluggy
import yaml
from aiohttp import web
from aiohttp.typedefs import Handler
from tenacity import _version as tenacity

from utec_gateway.auth.token_source import TokenSource
from utec_gateway.core.const import VERSION
from utec_gateway.core.models import Device
from utec_gateway.core.refresh_record import RefreshRecord
from utec_gateway.devices.poller import DevicePoller
from utec_gateway.logging.digest import described, known_words
from utec_gateway.options.changes import FLAT_VALIDATORS
from utec_gateway.plugin_api.hookspecs import GatewayHooks
from utec_gateway.plugin_api.plugin_health import BUILT_IN, PluginStatus
from utec_gateway.storage.state_store import StateStore
from utec_gateway.web.app_keys import (
    CLOCK,
    DEVICE_CACHE,
    EXECUTOR,
    HEALTH,
    HOOKS,
    JOURNAL,
    LOG_FILE,
    METER,
    POLLER,
    SETTINGS,
    STORE,
    TOKENS,
)
from utec_gateway.web.panel.page import FormRoute, Page

from . import anonymizer

LIBRARIES = {
    "aiohttp": aiohttp,
    "aiohttp-jinja2": aiohttp_jinja2,
    "aiosmtplib": aiosmtplib,
    "pluggy": pluggy,
    "tenacity": tenacity,
    "PyYAML": yaml,
}
"""Each knows its version; `importlib.metadata` would take 0.7 MB of every gateway's memory."""
LOG_READ = 256 * 1024
CONTENT = {
    "versions": ("versions",),
    "state": ("at", "health", "troubles", "broker"),
    "options": ("options",),
    "sign_in": ("token", "renewals"),
    "calls": ("cloud_calls",),
    "devices": ("devices",),
    "plugins": ("plugins",),
    "errors": ("last_errors",),
}
"""What is in the file, as the page says it before people download it."""
DETAILS = frozenset({"signed in", "renewed"})
"""The details of a refresh that succeeded."""


async def download(request: web.Request) -> web.Response:
    """Return the file."""
    app, log_file = request.app, request.app[LOG_FILE]
    log = await app[EXECUTOR](log_file.tail, LOG_READ)
    problems = [asdict(one) for one in await app[EXECUTOR](log_file.digest.problems, log)]
    return web.Response(
        text=json.dumps({**_report(app), "last_errors": problems}, indent=1, default=str),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="utec-gateway-diagnostics.json"'},
    )


def _report(app: web.Application) -> dict[str, Any]:
    tokens, cache = app[TOKENS], app[DEVICE_CACHE]
    token = tokens.token
    own = [plugin for plugin in app[HOOKS].plugins if plugin.origin != BUILT_IN]
    return {
        "at": app[CLOCK].now(),
        "versions": {
            "utec_gateway": VERSION,
            "python": platform.python_version(),
            **{name: library.__version__ for name, library in LIBRARIES.items()},
        },
        "health": app[HEALTH].word,
        "troubles": _problems(app[SETTINGS].problems, app[STORE], tokens, app[POLLER]),
        "options": anonymizer.options_of(app[SETTINGS].options),
        "broker": app[HOOKS].broker_status().state,
        "token": {
            **app[HEALTH].token_status(),
            "issued_at": token.issued_at if token else None,
            "is_usable": tokens.is_usable,
            "next_renewal_in_seconds": _finite(tokens.due_in()),
        },
        "cloud_calls": app[METER].report(),
        "renewals": [_refresh(record) for record in app[JOURNAL].refreshes],
        "plugins": [_plugin(plugin, own) for plugin in app[HOOKS].plugins],
        "devices": [
            _device(device, place, is_stale=cache.is_stale(device))
            for place, device in enumerate(cache.devices, 1)
        ],
    }


def _problems(
    of_options: Sequence[str], store: StateStore, tokens: TokenSource, poller: DevicePoller
) -> Mapping[str, Any]:
    """Return what does not work, without the sentences that people read."""
    refusal = tokens.refusal
    failures = {"renewal": tokens.failure, "news_of_the_locks": poller.failure}
    return {
        "ignored_options": [
            name for name in FLAT_VALIDATORS if any(f'"{name}"' in said for said in of_options)
        ],
        "complaints_about_options": len(of_options),
        "state_is_not_saved": bool(store.problem),
        "state_was_recovered": bool(store.recovery),
        "refused_since": refusal and refusal.since,
        **{
            name: {"since": failure.since.wall, "error": described(failure.error)}
            for name, failure in failures.items()
            if failure
        },
    }


def _finite(seconds: float) -> float | None:
    return None if seconds == float("inf") else round(seconds)


def _refresh(record: RefreshRecord) -> dict[str, Any]:
    is_known = record.detail in DETAILS
    detail = record.detail if is_known else " ".join(["<str>", *known_words(record.detail)])
    return {"at": record.at, "succeeded": record.succeeded, "detail": detail}


def _plugin(plugin: PluginStatus, own: list[PluginStatus]) -> dict[str, Any]:
    """Return the state of a plugin; the file name of an own plugin could identify somebody."""
    return {
        "name": f"<own-{own.index(plugin) + 1}>" if plugin in own else plugin.name,
        "hooks": [hook for hook in plugin.hooks if hasattr(GatewayHooks, hook)],
        "is_failing": plugin.is_failing,
        "failed_at": plugin.failed_at,
    }


def _device(device: Device, place: int, *, is_stale: bool) -> dict[str, Any]:
    return {
        "id": f"<device-{place}>",
        "name": f"<name-{place}>",
        "entry": anonymizer.entry(device.entry),
        "states": [anonymizer.state(entry) for entry in device.states],
        "is_offline": device.is_offline,
        "is_stale": is_stale,
        "seen": device.seen.wall if device.seen else None,
    }


PAGES: tuple[Page, ...] = ()
FORMS: tuple[FormRoute, ...] = ()
DOWNLOADS: dict[str, Handler] = {"diagnostics.json": download}
