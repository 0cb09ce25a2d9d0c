"""Everything that the broker should hold of us, made anew from how things stand."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from utec_gateway.plugin_api import Device, DeviceStatus, LockCodes, PluginContext, encodable

from .device_payload import device_payload, gateway_payload, with_removals
from .entities import device_entities, gateway_entities
from .memory import Announced, Memory
from .states import device_state, gateway_state
from .topics import GATEWAY, Topics


@dataclass(frozen=True)
class Picture:
    """What is announced, and the states; both in the order in which they are published."""

    announced: Mapping[str, Announced]
    states: Mapping[str, str]

    @property
    def topics(self) -> frozenset[str]:
        """Return every topic that is kept for us."""
        return frozenset((*self.announced, *self.states))


class Painter:
    """Paints it; a device that a person deleted in Home Assistant stays away."""

    def __init__(self, context: PluginContext, memory: Memory, topics: Topics) -> None:
        self._context = context
        self._memory = memory
        self._topics = topics

    def __call__(self, deleted: frozenset[str]) -> Picture:
        """Return the picture without what was deleted, by the topics where it is announced."""
        announced: dict[str, Announced] = {}
        states: dict[str, str] = {}
        for tag, payload, device_states in self._devices():
            topic = self._topics.discovery(tag)
            if topic in deleted:
                continue
            bridge = (self._topics.bridge,) if tag == GATEWAY else ()
            announced[topic] = Announced(payload, (*device_states, *bridge))
            states |= device_states
        return Picture(announced, states)

    def _devices(self) -> Iterator[tuple[str, Mapping[str, Any], dict[str, str]]]:
        """Yield a tag, how it is announced, and its states; the gateway comes first (mqtt 2)."""
        context, topics = self._context, self._topics
        components = gateway_entities(topics, context.text)
        payload = gateway_payload(topics, context.panel_link(), components)
        yield GATEWAY, self._complete(GATEWAY, payload), self._gateway_states()
        codes = {one.device.tag: one for one in context.codes()}
        for status in context.statuses():
            device = status.device
            states = self._states(status, codes.get(device.tag))
            yield device.tag, self._announcement(device), states

    def _announcement(self, device: Device) -> Mapping[str, Any]:
        """Return how a device is announced: as before, until it is known what it has."""
        topics, context = self._topics, self._context
        before = self._memory.announced.get(topics.discovery(device.tag))
        if before and not device.states:
            return before.payload
        has_codes = context.settings.options.manage_codes
        components = device_entities(topics, device, context.text, has_codes=has_codes)
        payload = device_payload(topics, device, context.panel_link(), components)
        return self._complete(device.tag, payload)

    def _complete(self, tag: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        before = self._memory.announced.get(self._topics.discovery(tag))
        return with_removals(payload, before.payload) if before else payload

    def _gateway_states(self) -> dict[str, str]:
        context, topics = self._context, self._topics
        state = gateway_state(context.sign_in(), context.cloud(), context.issues())
        confirmed = {one.tag: one.seen and one.seen.wall for one in context.devices()}
        times = {tag: at and at.isoformat(timespec="seconds") for tag, at in confirmed.items()}
        return {topics.state(GATEWAY): dumped(state), topics.last_confirmed: dumped(times)}

    def _states(self, status: DeviceStatus, codes: LockCodes | None) -> dict[str, str]:
        return {self._topics.state(status.device.tag): dumped(device_state(status, codes))}


def dumped(value: Mapping[str, Any]) -> str:
    """Return JSON that any client can read, whatever people name their devices."""
    return encodable(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
