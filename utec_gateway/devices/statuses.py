"""How every device stands, for those who mirror it: plugins are told whenever that changes."""

from utec_gateway.core.events import Event
from utec_gateway.core.models import Device
from utec_gateway.plugin_api.device_status import DeviceStatus

from .cache import DeviceCache
from .outcomes import Outcomes


class DeviceStatuses:
    """Reads the cache and the pending commands, and says when what may be shown has changed."""

    def __init__(
        self,
        cache: DeviceCache,
        outcomes: Outcomes,
        devices_changed: tuple[Event[tuple[Device, ...]], ...],
    ) -> None:
        self._cache = cache
        self._outcomes = outcomes
        self._told = cache.now()
        """When it was said last how the devices stand."""
        self.changed = Event[tuple[DeviceStatus, ...]]("how the devices stand")
        """Emitted with all of them whenever one may stand otherwise than before."""
        for event in devices_changed:
            event.subscribe(lambda _: self._publish())
        outcomes.began.subscribe(lambda _: self._publish())
        outcomes.ended.subscribe(lambda _: self._publish())

    def now(self) -> tuple[DeviceStatus, ...]:
        """Return how every device stands now."""
        return tuple(map(self._status, self._cache.devices))

    def due_in(self) -> float:
        """Return seconds until something that is known becomes too old to be shown."""
        return self._cache.fades_in(self._told)

    async def fade(self) -> None:
        """Say that something has become too old to be shown."""
        self._publish()

    def _status(self, device: Device) -> DeviceStatus:
        last = self._outcomes.pending(device.id)
        return DeviceStatus(device, self._cache.shown(device), last.outcome if last else None)

    def _publish(self) -> None:
        self._told = self._cache.now()
        self.changed.emit(self.now())
