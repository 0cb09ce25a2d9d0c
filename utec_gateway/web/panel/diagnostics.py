"""A file for bug reports: what a developer needs to see, without what nobody else may know."""

import json
import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from utec_gateway.const import VERSION
from utec_gateway.models import Device
from utec_gateway.options import OPTION_NAMES, Options
from utec_gateway.web.keys import (
    CLOCK,
    HEALTH,
    HOOKS,
    IN_THREAD,
    LOG_FILE,
    METER,
    PICTURE,
    SETTINGS,
    STORE,
    TOKENS,
)

from .frame import Page, PostedTo

LIBRARIES = ("aiohttp", "aiohttp-jinja2", "aiosmtplib", "pluggy", "tenacity", "PyYAML")
LOG_READ = 256 * 1024
LINES_KEPT = 50
SHORTEST = 3
"""Characters; a shorter name is replaced only where it stands alone: elsewhere it would garble."""
TOLD_OF_A_DEVICE = ("category", "handleType", "deviceInfo", "attributes")
"""What is taken over of a Discovery entry; the rest may say whose lock it is."""


class Disguise:
    """Gives every secret and every name one replacement, the same wherever it stands."""

    def __init__(self) -> None:
        self._instead: dict[str, str] = {}

    def hide(self, kind: str, found: Iterable[object]) -> None:
        """Replace each of these texts by `<kind-1>`, `<kind-2>` and so on."""
        texts = dict.fromkeys(text for text in found if isinstance(text, str))
        new = [text for text in texts if text and text not in self._instead]
        self._instead |= {text: f"<{kind}-{place}>" for place, text in enumerate(new, 1)}

    def of(self, value: Any) -> Any:
        """Return a JSON value with everything hidden replaced, in keys too."""
        if isinstance(value, str):
            return self._instead.get(value) or self._within(value)
        if isinstance(value, Mapping):
            return {self.of(str(key)): self.of(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.of(inner) for inner in value]
        return value if value is None or isinstance(value, bool | int | float) else str(value)

    def _within(self, text: str) -> str:
        for hidden in sorted(self._instead, key=len, reverse=True):
            if len(hidden) >= SHORTEST:
                text = text.replace(hidden, self._instead[hidden])
        return text


async def download(request: web.Request) -> web.Response:
    """Return the file."""
    app = request.app
    log = await app[IN_THREAD](app[LOG_FILE].tail, LOG_READ)
    loud = [line for line in log.splitlines() if " WARNING [" in line or " ERROR [" in line]
    found = {**_facts(app), "last_errors": loud[-LINES_KEPT:]}
    text = json.dumps(_disguise(app).of(found), indent=1, ensure_ascii=False)
    return web.Response(
        text=text,
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="utec-gateway-diagnostics.json"'},
    )


def _facts(app: web.Application) -> dict[str, Any]:
    token, tokens = app[TOKENS].token, app[TOKENS]
    return {
        "at": app[CLOCK].now(),
        "versions": {
            "utec_gateway": VERSION,
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        "health": app[HEALTH].word,
        "troubles": app[HEALTH].troubles(),
        "options": _options(app[SETTINGS].options),
        "token": {
            **app[HEALTH].token_status(),
            "issued_at": token.issued_at if token else None,
            "is_usable": tokens.is_usable,
            "next_renewal_in_seconds": _finite(tokens.due_in()),
        },
        "cloud_calls": app[METER].report(),
        "renewals": [vars(renewal) for renewal in app[STORE].state.renewals],
        "plugins": [vars(plugin) for plugin in app[HOOKS].plugins],
        "devices": [_device(app, device) for device in app[PICTURE].devices],
    }


def _options(options: Options) -> dict[str, Any]:
    """Return the options by name; what is secret in them is disguised like everything else."""
    shown = {name: getattr(options, name) for name in OPTION_NAMES}
    return {**shown, "email": vars(options.email)}


def _finite(seconds: float) -> float | None:
    return None if seconds == float("inf") else round(seconds)


def _device(app: web.Application, device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        **{name: device.entry.get(name) for name in TOLD_OF_A_DEVICE},
        "states": [entry.to_json() for entry in device.states],
        "is_offline": device.is_offline,
        "is_stale": app[PICTURE].is_stale(device),
        "seen": device.seen.wall if device.seen else None,
    }


def _disguise(app: web.Application) -> Disguise:
    """Return what hides everything that says who, where or how to get in."""
    disguise, options, state = Disguise(), app[SETTINGS].options, app[STORE].state
    devices, email, token = app[PICTURE].devices, options.email, state.token
    secrets = [options.client_id, options.client_secret, email.password, state.api_key]
    if token:
        secrets += [token.access_token, token.refresh_token or ""]
    disguise.hide("secret", [*secrets, state.previous_refresh_token])
    disguise.hide("device", (device.id for device in devices))
    disguise.hide("name", (name for device in devices for name in _names(device)))
    disguise.hide("mail", [*email.recipients, email.sender, email.username])
    disguise.hide("host", [email.smtp_host, options.redirect_uri])
    return disguise


def _names(device: Device) -> tuple[object, object]:
    return device.name, device.entry.get("name")


PAGES: tuple[Page, ...] = ()
FORMS: tuple[PostedTo, ...] = ()
LINKS: dict[str, Handler] = {"diagnostics.json": download}
