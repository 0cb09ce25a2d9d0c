"""Who is logged in to the panel where there is no ingress (http-contract 5)."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import UnauthorizedError
from utec_gateway.core.files import Executor
from utec_gateway.storage.json_file import JsonFile, parse_date, parse_each

IDLE_FOR_AT_MOST = timedelta(days=30)
NOTED_EVERY = timedelta(minutes=10)
"""How exactly it is known when a session was last used; each time costs a write."""
MOST = 100
COOKIE_BYTES = 32
TAG_LENGTH = 12


class LoginNeededError(UnauthorizedError):
    """The panel was asked for by a browser that is not logged in."""


@dataclass(frozen=True)
class Session:
    """One browser that is logged in; what is kept of its cookie opens nothing."""

    digest: str
    began_at: datetime
    used_at: datetime
    browser: str
    """Its own words for itself: the header `User-Agent`."""
    address: str

    @property
    def tag(self) -> str:
        """Return its name on pages and in forms."""
        return self.digest[:TAG_LENGTH]


class Sessions:
    """Owns the sessions, in memory and in a file of their own.

    A digest needs the gateway's key, so that none outlives the key in any copy of the file.
    """

    def __init__(
        self, path: Path, key: Callable[[], str], clock: Clock, executor: Executor
    ) -> None:
        self._key = key
        self._clock = clock
        self._file = JsonFile(path, "The list of logins", self._to_json, executor)
        self._sessions: dict[str, Session] = {}

    async def load(self) -> None:
        """Go on with the sessions of before the restart."""
        found = parse_each(await self._file.load(), _parse)
        self._sessions = {one.digest: one for one in found if self._is_alive(one)}

    @property
    def all(self) -> tuple[Session, ...]:
        """Return who is logged in, the one that was used last first."""
        alive = filter(self._is_alive, self._sessions.values())
        return tuple(sorted(alive, key=lambda one: one.used_at, reverse=True))

    def begin(self, browser: str, address: str) -> str:
        """Begin a session; return its cookie, which nobody but the browser keeps."""
        cookie, now = secrets.token_urlsafe(COOKIE_BYTES), self._clock.now()
        kept = {one.digest: one for one in self.all[: MOST - 1]}
        session = Session(self._digest(cookie), now, now, browser, address)
        self._keep({**kept, session.digest: session})
        return cookie

    def find(self, cookie: str) -> Session | None:
        """Return the session of a cookie, and note that it is used."""
        session = self._sessions.get(self._digest(cookie))
        if session is None or not self._is_alive(session):
            return None
        now = self._clock.now()
        if now - session.used_at >= NOTED_EVERY:
            session = self._sessions[session.digest] = replace(session, used_at=now)
            self._file.save_soon()
        return session

    def end(self, tag: str) -> None:
        """Log a browser out; one that is gone already is no mistake."""
        self._keep({key: one for key, one in self._sessions.items() if one.tag != tag})

    def end_all(self) -> None:
        """Log everybody out."""
        self._keep({})

    async def close(self) -> None:
        """Let what is being written arrive."""
        await self._file.close(self._clock)

    def _keep(self, sessions: dict[str, Session]) -> None:
        self._sessions = sessions
        self._file.save_soon()

    def _is_alive(self, session: Session) -> bool:
        return self._clock.now() - session.used_at < IDLE_FOR_AT_MOST

    def _digest(self, cookie: str) -> str:
        return hmac.new(
            self._key().encode(), cookie.encode("utf-8", "replace"), "sha256"
        ).hexdigest()

    def _to_json(self) -> list[dict[str, Any]]:
        return [
            {
                **asdict(one),
                "began_at": one.began_at.isoformat(timespec="seconds"),
                "used_at": one.used_at.isoformat(timespec="seconds"),
            }
            for one in self._sessions.values()
        ]


def _parse(raw: Any) -> Session:
    return Session(
        digest=str(raw["digest"]),
        began_at=parse_date(raw["began_at"]),
        used_at=parse_date(raw["used_at"]),
        browser=str(raw["browser"]),
        address=str(raw["address"]),
    )
