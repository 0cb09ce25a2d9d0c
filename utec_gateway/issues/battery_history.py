"""How batteries have been: one that was low is low until it has been good for a day."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from utec_gateway.core.clock import Clock
from utec_gateway.core.events import Event
from utec_gateway.core.files import Executor
from utec_gateway.core.models import Device
from utec_gateway.core.readings import BATTERY_LOW, Moment
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.storage.json_file import JsonFile, parse_dates

GOOD_IS_BELIEVED_AFTER = timedelta(days=1)
"""A tired battery recovers while the bolt rests, and is low again at its next turn."""
SILENCE = timedelta(hours=2)
"""Longer without a reading, and that time was no good time; polls are an hour apart at most."""


@dataclass(frozen=True)
class LowBattery:
    """A battery that was low, and has not been good for a day since."""

    low_since: datetime
    good_since: datetime | None = None
    """Since when it has been good again, silence not counted; None while it is low."""


def judged(
    known: LowBattery | None, level: int, now: datetime, silence: timedelta = timedelta(0)
) -> LowBattery | None:
    """Return what a reading makes of what was known; None for a battery that is good."""
    if level <= BATTERY_LOW:
        return LowBattery(min(known.low_since, now) if known else now)
    if known is None:
        return None
    good_since = min(known.good_since + silence, now) if known.good_since else now
    is_believed = now - good_since >= GOOD_IS_BELIEVED_AFTER
    return None if is_believed else LowBattery(known.low_since, good_since)


@dataclass(frozen=True)
class BatteryHistory:
    """What the last reading of a battery said, and what was known with it."""

    device: Device
    level: int
    heard_at: datetime
    low: LowBattery | None
    """None for a battery that is good."""


class Batteries:
    """Owns what is known of low batteries, in a file of its own, so that it outlives a restart."""

    def __init__(
        self,
        cache: DeviceCache,
        devices_changed: Event[tuple[Device, ...]],
        polled: Event[tuple[Device, ...]],
        path: Path,
        clock: Clock,
        executor: Executor = asyncio.to_thread,
    ) -> None:
        self._cache = cache
        self._clock = clock
        self._file = JsonFile(path, "What is known of the batteries", self._to_json, executor)
        self._low: dict[str, LowBattery] = {}
        """By the device's tag."""
        self._heard: dict[str, tuple[int, Moment]] = {}
        """The last level that counted and when it was asked for, by the device's tag."""
        devices_changed.subscribe(self._forget_all_but)
        polled.subscribe(self._take_in)

    async def load(self, left_over: Mapping[str, Any]) -> bool:
        """Read which batteries were low before the restart; 0.1.1 kept it in the state file.

        Return whether the file holds it.
        """
        raw = await self._file.load()
        known = raw if isinstance(raw, Mapping) else left_over
        good_since = parse_dates(known.get("good_since"))
        self._low = {
            tag: LowBattery(since, good_since.get(tag))
            for tag, since in parse_dates(known.get("low_since")).items()
        }
        return await self._file.save()

    @property
    def histories(self) -> tuple[BatteryHistory, ...]:
        """Return the batteries that were heard of since the start."""
        return tuple(
            BatteryHistory(device, level, asked.wall, self._low.get(device.tag))
            for device in self._cache.devices
            if device.tag in self._heard
            for level, asked in (self._heard[device.tag],)
        )

    def _take_in(self, devices: Iterable[Device]) -> None:
        """Take in every new reading; nothing is written when it changes nothing."""
        before = dict(self._low)
        for device in devices:
            self._read(device)
        if self._low != before:
            self._file.save_soon()

    async def close(self) -> None:
        """Let what is being written arrive."""
        await self._file.close(self._clock)

    def _forget_all_but(self, devices: Iterable[Device]) -> None:
        tags = {device.tag for device in devices}
        self._low = {tag: battery for tag, battery in self._low.items() if tag in tags}
        self._heard = {tag: heard for tag, heard in self._heard.items() if tag in tags}
        self._file.save_soon()

    def _read(self, device: Device) -> None:
        """Take in a reading; a level that is not reported proves nothing."""
        silence, battery = self._silence_before(device), device.readings.battery
        if battery.value is None or battery.asked is None or silence is None:
            return
        self._heard[device.tag] = battery.value, battery.asked
        known = self._low.pop(device.tag, None)
        if low := judged(known, battery.value, self._clock.now(), silence):
            self._low[device.tag] = low

    def _silence_before(self, device: Device) -> timedelta | None:
        """Return how long nothing was heard before a reading, None when it is no new one.

        What U-tec says of an offline lock is old news, and what is no level says nothing.
        """
        asked = device.readings.battery.asked
        if asked is None or device.is_said_to_be_offline:
            return None
        _, before = self._heard.get(device.tag, (0, None))
        if before and asked.monotonic <= before.monotonic:
            return None
        gap = timedelta(seconds=before.age(asked)) if before else timedelta(0)
        return gap if gap > SILENCE else timedelta(0)

    def _to_json(self) -> dict[str, Any]:
        low = self._low.items()
        return {
            "low_since": {tag: one.low_since.isoformat() for tag, one in low},
            "good_since": {tag: one.good_since.isoformat() for tag, one in low if one.good_since},
        }
