"""How a device stands: what may be shown of it."""

from dataclasses import dataclass

from utec_gateway.core.models import Device
from utec_gateway.core.outcome import CommandOutcome
from utec_gateway.core.readings import Readings


@dataclass(frozen=True)
class DeviceStatus:
    """One device, and what of it holds now."""

    device: Device
    """With everything that was ever reported, however old."""
    readings: Readings
    """What may be shown as the truth; what is too old, or of an offline device, is unknown."""
    command: CommandOutcome | None = None
    """The command under way for it, if there is one."""

    @property
    def id(self) -> str:
        """Return the device's id."""
        return self.device.id
