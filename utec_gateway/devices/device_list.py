"""Which devices there are, and whose: in the cache, and on the disk."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.events import Event
from utec_gateway.core.files import Executor
from utec_gateway.core.models import Device
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.storage.json_file import JsonFile, parse_each, text_or_none

from .cache import DeviceCache

_LOGGER = logging.getLogger(__name__)

Entries = tuple[Mapping[str, Any], ...]
"""What a Discovery says of the devices."""


class DeviceList:
    """Takes lists of devices in; what was known of those that are gone goes with them.

    The last list is in a file of its own, so that a restart in an outage forgets no lock.
    """

    def __init__(
        self,
        cache: DeviceCache,
        path: Path,
        settings: OptionsSource,
        shorten: Callable[[Iterable[str]], None],
        executor: Executor = asyncio.to_thread,
    ) -> None:
        self._cache = cache
        self._settings = settings
        self._shorten = shorten
        """Teaches the log which ids it must not show in full."""
        self._file = JsonFile(path, "The list of devices", self._to_json, executor)
        self._account: str | None = None
        """The fingerprint of the credentials that were signed in with; the devices are theirs."""
        self.changed = Event[tuple[Device, ...]]("the list of devices")
        """Emitted with the devices there are whenever some came or went."""

    async def load(self, left_over: Mapping[str, Any]) -> bool:
        """Show the devices of before the restart, which 0.1.1 kept in the state file.

        Return whether the file holds them.
        """
        raw = await self._file.load()
        known = raw if isinstance(raw, Mapping) else left_over
        self._account = text_or_none(known.get("account"))
        if entries := tuple(parse_each(known.get("devices"), _parse)):
            self._take(entries)
        return await self._file.save()

    @property
    def is_of_another_account(self) -> bool:
        """Tell whether the devices were seen with other credentials, or at another address."""
        return bool(self._account) and self._account != self._settings.options.credentials

    def take_in(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Take in what a Discovery said, and remember it over a restart."""
        missing, before = self._what_is_missing, self._entries
        self._take(tuple(entries))
        if self._what_is_missing not in {None, missing}:
            _LOGGER.warning(self._what_is_missing)
        if self._entries != before:
            self.changed.emit(self._cache.devices)
            self._file.save_soon()

    def forget(self) -> None:
        """Forget every device at once: another account's follow."""
        _LOGGER.info("Signed in with other credentials: the earlier devices are forgotten")
        self._cache.forget()
        self.changed.emit(self._cache.devices)

    def signed_in(self) -> None:
        """Remember whose devices they are from now on."""
        self._account = self._settings.options.credentials
        self._file.save_soon()

    async def close(self, clock: Clock) -> None:
        """Let what is being written arrive."""
        await self._file.close(clock)

    def _take(self, entries: Entries) -> None:
        self._shorten(entry["id"] for entry in entries)
        self._cache.discovered(entries)

    @property
    def _entries(self) -> Entries:
        return tuple(device.entry for device in self._cache.devices)

    def _to_json(self) -> dict[str, Any]:
        return {"account": self._account, "devices": list(self._entries)}

    @property
    def _what_is_missing(self) -> str | None:
        """Return what the log says of a list without devices, or None."""
        if self._cache.is_no_device_shared:
            return "No device is selected in the Xthings Home app"
        if self._cache.is_list_empty and self._cache.empty_since:
            since = self._cache.empty_since.wall
            return f"U-tec has listed no device since {since:%Y-%m-%d %H:%M} UTC"
        return None


def _parse(raw: Any) -> Mapping[str, Any]:
    """Return an entry of a Discovery; raise ValueError when it is none."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("id"), str):
        raise ValueError("a device has no id")
    return raw
