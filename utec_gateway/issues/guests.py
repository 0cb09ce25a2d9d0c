"""What people must know of a guest: at most one thing at a time, so that nothing is said twice."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

from utec_gateway.core.access_codes import CodeState, Guest
from utec_gateway.core.issue import Issue, People, Severity, Text
from utec_gateway.core.models import Device
from utec_gateway.core.zone import Zone

from .facts import AccountFacts

WAITS_FOR_LONG = timedelta(hours=1)
SOON_ON_THE_LOCK = timedelta(minutes=5)
"""How long a change may take at a lock that can be reached."""
STARTS_SOON = timedelta(hours=1)
ENDS_SOON = timedelta(hours=2)


class Concern(StrEnum):
    """What people must know."""

    WAITING = "waiting"
    """The lock has not taken over what was asked for, and there is time."""
    LOCKED_OUT = "locked_out"
    """The same, and the guest stands outside, or soon will."""
    NOT_CONFIRMED = "not_confirmed"
    NOT_REMOVED = "not_removed"
    """The lock still knows a code that should be gone."""


def concerned(facts: AccountFacts, concern: Concern) -> Iterator[tuple[Device, tuple[Guest, ...]]]:
    """Yield each lock with those guests, also where there are none; leave out what is unknown."""
    codes = {one.device.tag: one.guests for one in facts.codes.locks}
    for lock in (device for device in facts.devices.devices if device.is_lock):
        guests = codes.get(lock.tag, ())
        if all(guest.state is not CodeState.UNKNOWN for guest in guests):
            zone, now = facts.codes.zone, facts.now.wall
            yield lock, tuple(one for one in guests if concern_of(one, zone, now) is concern)


def concern_of(guest: Guest, zone: Zone, now: datetime) -> Concern | None:
    """Return what people must know of a guest, None while there is nothing."""
    waits = now - guest.waiting_since if guest.waiting_since else timedelta(0)
    is_over = now >= zone.instant(guest.schedule.ends)
    match guest.state:
        case CodeState.NOT_CONFIRMED if not is_over:
            return Concern.NOT_CONFIRMED
        case CodeState.WAITING if not is_over and _may_be_locked_out(guest, waits, zone, now):
            return Concern.LOCKED_OUT
        case CodeState.WAITING if not is_over and waits >= WAITS_FOR_LONG:
            return Concern.WAITING
        case CodeState.REMOVING if waits >= WAITS_FOR_LONG:
            return Concern.NOT_REMOVED
        case CodeState.WAITING if is_over and waits >= WAITS_FOR_LONG and opens(guest, zone, now):
            return Concern.NOT_REMOVED
        case _:
            return None


def opens(guest: Guest, zone: Zone, now: datetime) -> bool:
    """Tell whether a code opens the door, if the lock knows it: it goes by its own end."""
    return now < zone.instant(guest.expires_on_lock_at or guest.schedule.ends)


def is_about_to_come(guest: Guest, zone: Zone, now: datetime) -> bool:
    """Tell whether the guest may be at the door already, or within the hour."""
    return now >= zone.instant(guest.schedule.starts) - STARTS_SOON


def _may_be_locked_out(guest: Guest, waits: timedelta, zone: Zone, now: datetime) -> bool:
    if waits < SOON_ON_THE_LOCK:
        return False
    if guest.expires_on_lock_at is None:
        return is_about_to_come(guest, zone, now)
    is_extended = guest.expires_on_lock_at < guest.schedule.ends
    return is_extended and now >= zone.instant(guest.expires_on_lock_at) - ENDS_SOON


def issue_of(
    kind: str,
    lock: Device,
    guests: tuple[Guest, ...],
    severity: Severity,
    *,
    message: str = "message",
    advice: Text | None = None,
    is_event: bool = True,
) -> Issue:
    """Return the issue of one lock and those guests; they wait since the first of them does."""
    since = min((one.waiting_since for one in guests if one.waiting_since), default=None)
    names = People(tuple(one.name for one in guests))
    says = {"lock": lock.name, "since": since, "guests": names, "advice": advice}
    return Issue(
        f"{kind}_{lock.tag}",
        Text(f"{kind}.title", says),
        Text(f"{kind}.{message}", says),
        severity,
        since,
        leads_to="codes",
        lock=lock.tag,
        is_event=is_event,
    )
