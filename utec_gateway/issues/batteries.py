"""Batteries: one that was low is low until it has been good for a day."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from utec_gateway.core.clock import Clock
from utec_gateway.core.models import Device
from utec_gateway.core.readings import Moment
from utec_gateway.devices.cache import DeviceCache
from utec_gateway.storage.state import State
from utec_gateway.storage.store import StateStore

from .notifications import Notifications

EMPTY, LOW = 1, 2
"""Battery levels of 1 to 5 (utec-cloud 4.5)."""
LOW_IS_NEWS = timedelta(days=1)
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
    if level <= LOW:
        return LowBattery(min(known.low_since, now) if known else now)
    if known is None:
        return None
    good_since = min(known.good_since + silence, now) if known.good_since else now
    is_believed = now - good_since >= GOOD_IS_BELIEVED_AFTER
    return None if is_believed else LowBattery(known.low_since, good_since)


class Batteries:
    """Owns what is known of low batteries; it is in the state, so that it outlives a restart."""

    def __init__(
        self, cache: DeviceCache, store: StateStore, notifications: Notifications, clock: Clock
    ) -> None:
        self._cache = cache
        self._store = store
        self._notifications = notifications
        self._clock = clock
        self._heard: dict[str, Moment] = {}
        """When the last reading that counted was asked for, by the device's tag."""

    async def look(self) -> None:
        """Take in every new reading, and forget locks that are gone."""
        devices, known = self._cache.devices, _known(self._store.state)
        found = {one.tag: self._look_at(one, known.get(one.tag)) for one in devices}
        low = {tag: battery for tag, battery in found.items() if battery}
        if low != known:
            await self._store.update(lambda state: _with(state, low))

    def _look_at(self, device: Device, known: LowBattery | None) -> LowBattery | None:
        """Say what is to be said of a battery; a level that is not reported proves nothing."""
        silence, level = self._silence_before(device), device.readings.battery.value
        if level is None or silence is None:
            return known
        now = self._clock.now()
        battery = judged(known, level, now, silence)
        if battery is None:
            self._notifications.battery_good(device)
        elif level <= EMPTY or (level <= LOW and now - battery.low_since >= LOW_IS_NEWS):
            self._notifications.battery_low(device, level)
        return battery

    def _silence_before(self, device: Device) -> timedelta | None:
        """Return how long nothing was heard before a reading, None when it is no new one.

        What U-tec says of an offline lock is old news, and what is no level says nothing.
        """
        battery = device.readings.battery
        if battery.asked is None or battery.value is None:
            return None
        if device.is_said_to_be_offline:
            return None
        before = self._heard.get(device.tag)
        if before and battery.asked.monotonic <= before.monotonic:
            return None
        self._heard[device.tag] = battery.asked
        gap = timedelta(seconds=before.age(battery.asked)) if before else timedelta(0)
        return gap if gap > SILENCE else timedelta(0)


def _known(state: State) -> dict[str, LowBattery]:
    return {
        tag: LowBattery(since, state.good_since.get(tag)) for tag, since in state.low_since.items()
    }


def _with(state: State, low: dict[str, LowBattery]) -> State:
    low_since = {tag: battery.low_since for tag, battery in low.items()}
    good_since = {tag: battery.good_since for tag, battery in low.items() if battery.good_since}
    return replace(state, low_since=low_since, good_since=good_since)
