"""A queue between those who log and the disk, so that a slow disk holds up nobody."""

import logging
from collections.abc import Iterable
from contextlib import suppress
from logging.handlers import QueueHandler, QueueListener
from queue import Full, Queue
from typing import Any

MOST_QUEUED = 5000
"""Records; when a disk hangs, the memory must not fill up with what it does not take."""
FLUSH_DEADLINE = 2.0
"""Seconds that a reader of the log, or the end of the gateway, waits for the disk."""


class LogQueue(QueueHandler):
    """Formats a record where it is logged, and writes it in a thread of its own, in order.

    What does not fit is counted, and the log says so as soon as there is room again.
    """

    def __init__(
        self,
        formatter: logging.Formatter,
        handlers: Iterable[logging.Handler],
        flush_deadline: float = FLUSH_DEADLINE,
    ) -> None:
        self._records: Queue[Any] = Queue(MOST_QUEUED)
        super().__init__(self._records)
        self.setFormatter(formatter)
        self._handlers = tuple(handlers)
        self._flush_deadline = flush_deadline
        self._lost = 0
        self._thread: QueueListener | None = QueueListener(self._records, *self._handlers)
        self._thread.start()

    def enqueue(self, record: logging.LogRecord) -> None:
        """Leave a record to the thread; count it when there is no room."""
        try:
            if self._lost:
                self._records.put_nowait(self.prepare(_notice(self._lost)))
                self._lost = 0
            self._records.put_nowait(record)
        except Full:
            self._lost += 1

    def flush(self) -> None:
        """Wait until everything is written, at most until the deadline."""
        self._is_written()

    def close(self) -> None:
        """Write what waits and end the thread; one that hangs in the disk is left behind."""
        super().close()
        thread, self._thread = self._thread, None
        if thread and self._is_written():
            thread.stop()
            for handler in self._handlers:
                handler.close()
        elif thread:
            with suppress(Full):
                thread.enqueue_sentinel()

    def _is_written(self) -> bool:
        with self._records.all_tasks_done:
            return self._records.all_tasks_done.wait_for(
                lambda: not self._records.unfinished_tasks, self._flush_deadline
            )


def _notice(lost: int) -> logging.LogRecord:
    message = "%d lines are missing here: the disk was too slow"
    return logging.LogRecord(__name__, logging.WARNING, __file__, 0, message, (lost,), None)
