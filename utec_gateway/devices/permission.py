"""Which commands may leave the gateway at all, whoever gives them, and which suit a device."""

from utec_gateway.core.command import Command
from utec_gateway.core.errors import GatewayError, InvalidRequestError
from utec_gateway.core.models import Device
from utec_gateway.core.readings import Capability
from utec_gateway.options.schema import Options


class UnlockNotAllowedError(GatewayError):
    """The option `allow_unlock` is off; nothing was sent."""

    code = "unlock_not_allowed"
    http_status = 403


def check_allowed(command: Command, device: Device, options: Options) -> None:
    """Raise UnlockNotAllowedError for what opens a door while the owner wants nothing to."""
    if command.operation.unlocks and not options.allow_unlock:
        raise UnlockNotAllowedError(
            f"{device.name} was not unlocked: "
            "unlocking is turned off in the gateway's options (allow_unlock)"
        )


def unsuitable(command: Command, device: Device) -> InvalidRequestError | None:
    """Return why a command is none for this kind of device, or None."""
    if command.needs not in device.capabilities:
        return _missing(command.needs, device.name)
    if command.level and command.level not in device.levels:
        low, high = device.levels[0], device.levels[-1]
        return InvalidRequestError(
            f"{device.name} has levels from {low} to {high}; level 0 turns it off"
        )
    return None


def _missing(capability: Capability, name: str) -> InvalidRequestError:
    match capability:
        case Capability.LOCK:
            return InvalidRequestError(f"{name} is not a lock")
        case Capability.MODE:
            return InvalidRequestError(f"{name} does not report a lock mode")
        case Capability.SWITCH:
            return InvalidRequestError(f"{name} cannot be turned on or off")
        case Capability.LEVEL:
            return InvalidRequestError(f"{name} cannot be dimmed")
