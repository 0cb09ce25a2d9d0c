"""Pushes news to your phone through an ntfy server: ntfy.sh, or one of your own.

Copy this file into the plugins folder, write your topic into the first lines below (with plain
Docker you may set the environment variables instead) and restart the gateway.
"""

import json
import os
from typing import Any

from aiohttp import ClientError, ClientSSLError, InvalidURL

from utec_gateway.plugin_api import (
    NotDeliveredError,
    Notification,
    OptionsError,
    PluginContext,
    hookimpl,
)

SERVER = os.environ.get("NTFY_SERVER", "https://ntfy.sh")
TOPIC = os.environ.get("NTFY_TOPIC", "")
"""Whoever knows it can read along, so make it as hard to guess as a password."""
TOKEN = os.environ.get("NTFY_TOKEN", "")
"""An access token, for a topic that is protected; else empty."""
HOME_ASSISTANT = os.environ.get("NTFY_HOME_ASSISTANT", "homeassistant://navigate")
"""What the link begins with: this opens the Home Assistant app on the phone, an address such as
https://home.example.com the browser."""

DEADLINE = 20.0
"""Seconds for a message; less than a hook may take."""
NORMAL, HIGHEST, QUIET = 3, 5, 2
"""ntfy's priorities."""
TOO_MANY_REQUESTS, FIRST_SERVER_ERROR = 429, 500


class Ntfy:
    """Sends one message when there is news, and a quiet one when it is over."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    @hookimpl
    async def gateway_notify(self, notification: Notification) -> str | None:
        """Push news; a text that only changed is no reason for the phone to ring again."""
        if not notification.is_new:
            return None
        return await self._push(
            title=notification.title,
            message=notification.message,
            priority=min(NORMAL + notification.urgency, HIGHEST),
            tags=["warning"],
        )

    @hookimpl
    async def gateway_dismiss(self, title: str) -> str:
        """Push the all-clear; what was pushed before cannot be taken from a phone."""
        return await self._push(
            title=f"Over: {title}",
            message=f'The message "{title}" no longer applies.',
            priority=QUIET,
            tags=["white_check_mark"],
        )

    async def _push(self, **message: Any) -> str:
        """Publish as JSON, which goes to the server's root and names the topic inside."""
        try:
            async with (
                self._context.clock.timeout(DEADLINE),
                self._context.session.post(
                    SERVER,
                    json={"topic": TOPIC, **message, **self._link()},
                    headers={"Authorization": f"Bearer {TOKEN}"} if TOKEN else None,
                    allow_redirects=False,
                ) as response,
            ):
                return _judged(response.status, await response.read())
        except TimeoutError:
            raise NotDeliveredError(
                "The ntfy server does not answer in time", retryable=True
            ) from None
        except InvalidURL:
            raise NotDeliveredError("SERVER must be an address such as https://ntfy.sh") from None
        except (ClientError, OSError) as error:
            raise NotDeliveredError(
                f"The ntfy server cannot be reached ({error})",
                retryable=not isinstance(error, ClientSSLError),
            ) from error

    def _link(self) -> dict[str, Any]:
        """Return what makes the message, and a button below it, open the gateway's page."""
        path = self._context.panel_link()
        if path is None:
            return {}
        url = HOME_ASSISTANT.rstrip("/") + path
        return {
            "click": url,
            "actions": [{"action": "view", "label": "Open the gateway", "url": url}],
        }


def _judged(status: int, body: bytes) -> str:
    """Return the good news; only ntfy's own receipt is, since other pages answer 200 as well."""
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    receipt = answer if isinstance(answer, dict) else {}
    if receipt.get("event") == "message":
        return "Accepted by the ntfy server"
    why = receipt.get("error", "without a reason")
    raise NotDeliveredError(
        f"The ntfy server did not take the message ({status} {why}). "
        "Check SERVER, TOPIC and TOKEN in ntfy.py",
        retryable=status == TOO_MANY_REQUESTS or status >= FIRST_SERVER_ERROR,
    )


def create(context: PluginContext) -> Ntfy:
    """Build the notifier."""
    if not TOPIC:
        raise OptionsError("TOPIC", "write the name of your ntfy topic into ntfy.py")
    return Ntfy(context)
