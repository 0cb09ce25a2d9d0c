"""A fault that repeats itself is written once a minute, with how often it happened."""

import logging
import traceback
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass

from utec_gateway.core.clock import Clock

INTERVAL = 60.0
FAULTS_REMEMBERED = 500
VARIANTS_ALLOWED = 30
"""Messages of one wording in a minute, whatever stands in their gaps."""


@dataclass
class _Fault:
    """When a fault was written, and how often it has happened unwritten since."""

    written_at: float
    unwritten: int = 0


class LogThrottle(logging.Filter):
    """Lets the first of equal warnings and errors through, then one a minute.

    Two tracebacks are equal when they end at the same line, two messages when their text is the
    same: what a stranger can cause a thousand times must not push the rest out of the log.
    """

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._faults: OrderedDict[Hashable, _Fault] = OrderedDict()
        self._wordings: dict[Hashable, deque[float]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record is written; each handler gets the same answer."""
        if record.levelno < logging.WARNING:
            return True
        known = record.__dict__
        if "is_written" not in known:
            known["is_written"] = self._is_due(record)
        return bool(known["is_written"])

    def _is_due(self, record: logging.LogRecord) -> bool:
        kind, now = _kind_of(record), self._clock.monotonic()
        fault = self._faults.get(kind)
        if fault and now - fault.written_at < INTERVAL:
            fault.unwritten += 1
            return False
        if self._is_crowded((record.name, str(record.msg)), now):
            return False
        if fault and fault.unwritten:
            passed = now - fault.written_at
            record.msg = f"{record.msg} ({fault.unwritten} more times in {passed:.0f} s)"
        self._faults[kind] = _Fault(now)
        self._faults.move_to_end(kind)
        while len(self._faults) > FAULTS_REMEMBERED:
            self._faults.popitem(last=False)
        return True

    def _is_crowded(self, wording: Hashable, now: float) -> bool:
        """Count a message; tell whether there have been enough of this wording."""
        written = self._wordings.setdefault(wording, deque(maxlen=VARIANTS_ALLOWED))
        if len(written) == VARIANTS_ALLOWED and now - written[0] < INTERVAL:
            return True
        written.append(now)
        while len(self._wordings) > FAULTS_REMEMBERED:
            del self._wordings[next(iter(self._wordings))]
        return False


def _kind_of(record: logging.LogRecord) -> Hashable:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return record.name, record.levelno, str(record.msg), repr(record.args)
    last = traceback.extract_tb(error.__traceback__)[-1:]
    return record.name, type(error), *((frame.filename, frame.lineno) for frame in last)
