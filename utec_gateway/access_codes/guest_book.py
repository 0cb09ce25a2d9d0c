"""The guests that we made, in a file of its own: by id and name, and never with a code."""

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import StateNotSavedError
from utec_gateway.core.files import Executor
from utec_gateway.storage.json_file import JsonFile, parse_each

from .record import Record, parse, to_json


class GuestBook:
    """Owns the records; whoever adds one knows it on the disk before anything is sent."""

    def __init__(self, path: Path, clock: Clock, executor: Executor = asyncio.to_thread) -> None:
        self._clock = clock
        self._records: dict[str, Record] = {}
        self._file = JsonFile(path, "The list of guests with access codes", self._to_json, executor)

    async def load(self) -> None:
        """Read whom we made before the restart."""
        self._records = {record.id: record for record in parse_each(await self._file.load(), parse)}

    def of_lock(self, tag: str) -> tuple[Record, ...]:
        """Return the guests of one lock, in the order in which they were made."""
        return tuple(record for record in self._records.values() if record.tag == tag)

    def find(self, tag: str, guest_id: str) -> Record | None:
        """Return one guest of one lock, or None."""
        record = self._records.get(guest_id)
        return record if record and record.tag == tag else None

    async def write_down(self, record: Record) -> None:
        """Remember a record; raise StateNotSavedError when the disk does not take it."""
        earlier = self._records.get(record.id)
        self._records[record.id] = record
        if not await self._file.save():
            self._restore(record.id, earlier)
            raise StateNotSavedError(
                "The disk does not take the list of guests, so nothing was sent. Free some space, "
                "then try again"
            )

    def update(self, records: Iterable[Record], dropped: Iterable[Record] = ()) -> None:
        """Take over what a list has shown; it can be read again should the disk not take it."""
        self._records |= {record.id: record for record in records}
        for record in dropped:
            self._records.pop(record.id, None)
        self._file.save_soon()

    def drop_if(self, is_over: Callable[[Record], bool]) -> None:
        """Forget the guests of whom nothing will be heard any more."""
        if over := [record for record in self._records.values() if is_over(record)]:
            self.update((), over)

    async def close(self) -> None:
        """Let what is being written arrive."""
        await self._file.close(self._clock)

    def _restore(self, guest_id: str, earlier: Record | None) -> None:
        if earlier:
            self._records[guest_id] = earlier
        else:
            self._records.pop(guest_id, None)

    def _to_json(self) -> list[object]:
        return [to_json(record) for record in self._records.values()]
