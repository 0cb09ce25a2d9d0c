"""Wrong keys: counted for each peer, and said once a minute."""

import logging
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from utec_gateway.core.clock import Clock

from .peer_address import Address, household_of

_LOGGER = logging.getLogger(__name__)

FAILURES_ALLOWED = 10
FAILURE_WINDOW = 60.0
PEERS_REMEMBERED = 1000
REPORTS_ALLOWED = 10
"""Peers that are named in a minute: whoever has a thousand addresses must not fill the log."""


@dataclass
class _Failures:
    """What one peer did lately."""

    at: deque[float] = field(default_factory=lambda: deque(maxlen=FAILURES_ALLOWED + 1))
    unreported: int = 0
    reported_at: float = -inf


class KeyLimiter:
    """Owns the count of wrong keys.

    It keeps guesses from filling log and journal. What keeps them from succeeding is the length
    of the key: the right one is accepted at any time, or a stranger could lock the owner out.
    """

    def __init__(self, clock: Clock, on_wrong_key: Callable[[str], None]) -> None:
        self._clock = clock
        self._on_wrong_key = on_wrong_key
        self._peers: OrderedDict[str, _Failures] = OrderedDict()
        self._reports: deque[float] = deque(maxlen=REPORTS_ALLOWED)

    def is_closed(self, peer: Address) -> bool:
        """Tell whether the peer has shown too many wrong keys within a minute."""
        failures = self._peers.get(household_of(peer))
        return failures is not None and self._is_recent(failures.at)

    def count(self, peer: Address) -> None:
        """Count a wrong key; tell of it, unless this peer was told of within the minute."""
        failures = self._failures_of(peer)
        if not self._is_recent(failures.at):
            failures.at.append(self._clock.monotonic())
        failures.unreported += 1
        self._report(peer, failures)

    def _failures_of(self, peer: Address) -> _Failures:
        household = household_of(peer)
        failures = self._peers.setdefault(household, _Failures())
        self._peers.move_to_end(household)
        while len(self._peers) > PEERS_REMEMBERED:
            self._peers.popitem(last=False)
        return failures

    def _is_recent(self, at: deque[float]) -> bool:
        """Tell whether a full row of moments lies within the window."""
        return len(at) == at.maxlen and self._clock.monotonic() - at[0] < FAILURE_WINDOW

    def _report(self, peer: Address, failures: _Failures) -> None:
        now = self._clock.monotonic()
        if now - failures.reported_at < FAILURE_WINDOW or self._is_recent(self._reports):
            return
        self._reports.append(now)
        _LOGGER.warning("Wrong key from %s (%d since the last report)", peer, failures.unreported)
        failures.reported_at, failures.unreported = now, 0
        self._on_wrong_key(str(peer))
