"""The devices: what the cloud said of them, when, and nothing it did not say."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import TypeVar

from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import UnknownDeviceError
from utec_gateway.core.models import Device, DeviceReport, StateEntry
from utec_gateway.core.readings import (
    NOTHING_REPORTED,
    Connection,
    Moment,
    Reading,
    Readings,
)
from utec_gateway.plugin_api.hookspecs import OptionsSource
from utec_gateway.utec.envelope import OFFLINE
from utec_gateway.utec.readings import (
    kind_of,
    parse_connection,
    query_shaped,
    reported_capabilities,
    with_readings,
)

GONE_AFTER = 3
"""Discoveries in a row that must agree before a device is gone (http-contract 3)."""
EMPTY_IS_TRUE_AFTER = 6 * 3600.0
"""Seconds for which every list must have been empty before that is believed."""
T = TypeVar("T")
Change = tuple[Device, Device]
"""A device now, and before."""


def _is_of_another_kind(device: Device, report: DeviceReport) -> bool:
    """Tell whether a report shares nothing with what the device was, as a lock and a plug."""
    before, now = reported_capabilities(device.states), reported_capabilities(report.states)
    return bool(before and now) and not before & now


def _is_newer(known: StateEntry | None, asked: Moment) -> bool:
    return bool(known and known.seen and known.seen.monotonic > asked.monotonic)


def _offline_since(before: Device, asked: Moment, offline_readings: int) -> Moment | None:
    """Return since when a device is offline: nobody knows it of one that never was Online."""
    if not offline_readings:
        return None
    return before.offline_since or (None if before.offline_readings else asked)


class DeviceCache:
    """Owns every device; reads are answered from here, whatever the cloud is doing."""

    def __init__(self, clock: Clock, settings: OptionsSource) -> None:
        self._clock = clock
        self._settings = settings
        self._devices: dict[str, Device] = {}
        self._missing: dict[str, int] = {}
        self._empty_lists = 0
        self.empty_since: Moment | None = None
        """Since when U-tec's list of devices has been empty, or None."""
        self.is_list_empty = False
        """Whether the list that was asked for last came, and was empty."""

    @property
    def devices(self) -> tuple[Device, ...]:
        """Return every device, in the cloud's order."""
        return tuple(self._devices.values())

    def find(self, device_id: str) -> Device:
        """Return one device; raise UnknownDeviceError."""
        try:
            return self._devices[device_id]
        except KeyError:
            raise UnknownDeviceError(
                "There is no such device. If it is new, select it in the Xthings Home app under "
                "My Account, OpenAPI; it appears within the hour"
            ) from None

    @property
    def is_no_device_shared(self) -> bool:
        """Tell whether U-tec lists no device and none is remembered (any more)."""
        return self.is_list_empty and not self._devices

    def forget(self) -> None:
        """Forget every device: another account's follow."""
        self._devices.clear()
        self._missing.clear()
        self._empty_lists, self.empty_since, self.is_list_empty = 0, None, False

    def not_listed(self) -> None:
        """Take in that a Discovery failed: nobody knows what is listed now."""
        self.is_list_empty = False

    def discovered(self, entries: Iterable[Mapping[str, object]]) -> None:
        """Take in a Discovery; one that shares no device with the last is another account's."""
        listed = {str(entry["id"]): entry for entry in entries}
        if not listed:
            self._nothing_listed()
            return
        if not listed.keys() & self._devices.keys():
            self.forget()
        self._empty_lists, self.empty_since, self.is_list_empty = 0, None, False
        self._listed(listed)

    def _nothing_listed(self) -> None:
        """Take in an empty list: alone it proves nothing (utec-cloud 3.2)."""
        now = self.now()
        self.empty_since = self.empty_since or now
        self.is_list_empty = True
        self._empty_lists += 1
        for_long = now.monotonic - self.empty_since.monotonic >= EMPTY_IS_TRUE_AFTER
        if for_long and self._empty_lists >= GONE_AFTER:
            self._devices.clear()
            self._missing.clear()

    def _listed(self, listed: Mapping[str, Mapping[str, object]]) -> None:
        for device_id in list(self._devices):
            missing = 0 if device_id in listed else self._missing.get(device_id, 0) + 1
            self._missing[device_id] = missing
            if missing >= GONE_AFTER:
                del self._devices[device_id], self._missing[device_id]
        for device_id, entry in listed.items():
            known = self._devices.get(device_id, Device(device_id, entry))
            if kind_of(entry) != kind_of(known.entry):
                known = replace(known, states=())
            self._devices[device_id] = with_readings(replace(known, entry=entry))

    def reported(self, reports: Iterable[DeviceReport], asked: Moment) -> list[Change]:
        """Take in what a Query `asked` for then said; return the devices that changed visibly.

        An answer is as old as its question: one that was overtaken changes nothing.
        """
        changes = []
        for report in reports:
            before = self._devices.get(report.id)
            if before is None:
                continue
            after = self._merged(before, report, asked)
            self._devices[report.id] = after
            if (after.states, after.is_offline) != (before.states, before.is_offline):
                changes.append((after, before))
        return changes

    def _merged(self, before: Device, report: DeviceReport, asked: Moment) -> Device:
        """Merge readings over the earlier ones; an absent one is not confirmed, and grows old."""
        known = () if _is_of_another_kind(before, report) else before.states
        readings = {entry.key: entry for entry in known}
        new = {
            entry.key: replace(entry, seen=asked)
            for entry in report.states
            if not _is_newer(readings.get(entry.key), asked)
        }
        connection = parse_connection(new.values())
        is_offline = report.error == OFFLINE or connection.value is Connection.OFFLINE
        offline_readings = before.offline_readings + 1 if is_offline else 0
        if not (is_offline or connection.asked):
            offline_readings = before.offline_readings
        states = tuple((readings | new).values())
        after = replace(
            before,
            states=states,
            offline_readings=offline_readings,
            offline_since=_offline_since(before, asked, offline_readings),
        )
        return with_readings(after)

    def is_stale(self, device: Device) -> bool:
        """Tell whether what we know of the device is too old to be shown as the truth."""
        return self._is_old(device.seen)

    def fresh(self, device: Device, reading: Reading[T]) -> T | None:
        """Return a reading that may be shown as the truth, None when nobody knows it any more."""
        return reading.value if self._holds(device, reading.asked) else None

    def shown(self, device: Device) -> Readings:
        """Return the readings that may be shown as the truth; the others are unknown."""
        said, unsaid = device.readings, NOTHING_REPORTED

        def kept(reading: Reading[T], unknown: Reading[T]) -> Reading[T]:
            return reading if self._holds(device, reading.asked) else unknown

        return Readings(
            connection=kept(said.connection, unsaid.connection),
            lock_state=kept(said.lock_state, unsaid.lock_state),
            mode=kept(said.mode, unsaid.mode),
            battery=kept(said.battery, unsaid.battery),
            door=kept(said.door, unsaid.door),
            switch=kept(said.switch, unsaid.switch),
            level=kept(said.level, unsaid.level),
            sensors=tuple(one for one in said.sensors if self._holds(device, one.reading.asked)),
        )

    def fades_in(self, told: Moment) -> float:
        """Return seconds until a reading that held when people were told is too old to be shown.

        It is negative once that has happened. With none to be shown, whatever is heard from now on
        holds for as long as any does.
        """
        limit, now = float(self._settings.options.stale_after_seconds), self.now()
        seen = (entry.seen for device in self.devices for entry in device.states if entry.seen)
        held = (moment for moment in seen if moment.age(told) <= limit)
        return min((limit - moment.age(now) for moment in held), default=limit)

    def _holds(self, device: Device, asked: Moment | None) -> bool:
        """Tell whether a reading is young enough, and from a lock that still answers."""
        return not (device.is_offline or self.is_stale(device) or self._is_old(asked))

    def _is_old(self, seen: Moment | None) -> bool:
        return seen is None or seen.age(self.now()) > self._settings.options.stale_after_seconds

    def now(self) -> Moment:
        """Return the present on both clocks."""
        return Moment(self._clock.now(), self._clock.monotonic())

    def status(self, device: Device) -> dict[str, object]:
        """Return what the integrations are told of a device (http-contract 3)."""
        is_online = not (self.is_stale(device) or device.is_offline)
        return query_shaped(device, is_online=is_online, holds=partial(self._holds, device))
