"""One renewal at the authorization server, with the refresh token that still works."""

import logging
from dataclasses import replace
from datetime import timedelta

from .errors import GrantRefusedError
from .hooks import Hooks
from .models import Operation, Token

_LOGGER = logging.getLogger(__name__)


async def ask_for_renewal(
    hooks: Hooks, token: Token, previous: str | None
) -> tuple[Token, str | None]:
    """Return the newer token and the refresh token that earned it; raise TokenRefreshError.

    The previous refresh token is tried once when the present one is refused: a renewal whose
    answer was lost, or cut short by a crash, may have left the old one alive (utec-cloud 1.6).
    """
    if not token.refresh_token:
        _LOGGER.error("No refresh token available")
    refresh = hooks.token_refresher().refresh
    try:
        newer = await hooks.attempt(Operation.REFRESH_TOKEN, refresh, token)
    except GrantRefusedError:
        if not previous or previous == token.refresh_token:
            raise
    else:
        return newer, token.refresh_token
    _LOGGER.warning("The refresh token was refused, trying the previous one")
    older = replace(token, refresh_token=previous)
    return await hooks.attempt(Operation.REFRESH_TOKEN, refresh, older), previous


def say_until_when(token: Token, buffer_minutes: int) -> None:
    """Log until when a token is good, and what keeps it from being renewed as wished."""
    _LOGGER.info("Token will expire at: %s", token.expires_at.isoformat(timespec="seconds"))
    if timedelta(minutes=buffer_minutes) > token.lifetime / 2:
        _LOGGER.warning(
            'The option "refresh_buffer_minutes" (%d) is longer than half the token\'s life, '
            "so that half is used",
            buffer_minutes,
        )
    if not token.refresh_token:
        _LOGGER.error("No refresh token available")
