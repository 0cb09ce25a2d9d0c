"""One guest with one code on several locks: checked for all of them first, one outcome for each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from utec_gateway.core.errors import FieldError, GatewayError
from utec_gateway.core.models import Device

from .access_codes import AccessCodes, MadeGuest
from .errors import SentBeforeError
from .new_guest import NewGuest


@dataclass(frozen=True)
class LockOutcome:
    """What came of a guest on one lock."""

    device: Device
    made: MadeGuest | None = None
    error: GatewayError | None = None
    """Why nothing was made there."""


async def add_to_each(
    codes: AccessCodes, devices: Sequence[Device], new: NewGuest
) -> tuple[LockOutcome, ...]:
    """Make a guest on each lock; raise FieldError before anything is sent for what cannot be.

    A request that was sent before makes nobody, on no lock: its code was shown in its answer.
    """
    ready = codes.prepared(new)
    made = {device.id: codes.made_before(device.id, ready.key) for device in devices}
    if any(made.values()):
        return tuple(_before(device, made[device.id]) for device in devices)
    if taken := [device.name for device in devices if _is_taken(codes, device, ready.name)]:
        raise FieldError("name", f"is used already on {', '.join(taken)}")
    return tuple(await asyncio.gather(*(_add(codes, device, ready) for device in devices)))


def _before(device: Device, made: MadeGuest | None) -> LockOutcome:
    return LockOutcome(device, made, None if made else SentBeforeError())


def _is_taken(codes: AccessCodes, device: Device, name: str) -> bool:
    """Tell whether somebody on a lock bears the name, by what is known of it."""
    shown = codes.of(device.id)
    names = {*(one.name for one in shown.guests), *(one.name for one in shown.others)}
    return name in names


async def _add(codes: AccessCodes, device: Device, new: NewGuest) -> LockOutcome:
    try:
        return LockOutcome(device, made=await codes.add(device.id, new))
    except GatewayError as error:
        return LockOutcome(device, error=error)
