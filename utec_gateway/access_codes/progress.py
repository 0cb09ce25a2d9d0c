"""What a list of the lock's users means for our guests, and what is to be sent next; all pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from utec_gateway.core.access_codes import CodeState
from utec_gateway.utec.lock_users import ListedUser, UserId

from .record import BELIEVED_GONE_AFTER, CONFIRM_WITHIN, MAY_APPEAR_FOR, Record, Step

SEND_AGAIN_AFTER = timedelta(minutes=10)
"""What the cloud accepted and a lock has not taken over yet is not sent again before."""
FIRST_PAUSE, LONGEST_PAUSE, REST = 3.0, 900.0, 3600.0
"""Seconds between two lists: at first, at most while something is not settled, and otherwise."""
SLOWER_AFTER = timedelta(days=1)


@dataclass(frozen=True)
class NextStep:
    """One thing to send, and the user that it is about."""

    step: Step
    record: Record
    user_id: UserId | None = None


def matches(record: Record, users: Iterable[ListedUser], now: datetime) -> list[ListedUser]:
    """Return the users who are this guest, the one with the known id first.

    Ids may change and be used again, names alone may be anybody's: ours is temporary and bears
    the name that nobody on this lock bore when we gave it.
    """
    ours = [user for user in users if user.is_temporary and user.name == record.name]
    known = [user for user in ours if user.id == record.user_id]
    others = [user for user in ours if user.id != record.user_id]
    is_open = record.may_get_id(now) or record.may_be_there_twice(now)
    return [*known, *(others if is_open else [])]


def as_listed(record: Record, users: Iterable[ListedUser], now: datetime) -> Record:
    """Return what is known of a guest after a list."""
    found = next(iter(matches(record, users, now)), None)
    if found is None:
        listed = replace(record, missed=record.missed + 1, missed_at=now)
    else:
        is_synced = found.is_synced is True
        listed = replace(record, user_id=found.id, is_synced=is_synced, missed=0)
    if listed.state(now) is CodeState.ON_LOCK:
        return replace(listed, unsettled_since=None, ends_on_lock=listed.schedule.ends)
    return replace(listed, unsettled_since=listed.unsettled_since or now)


def is_gone(record: Record, now: datetime, *, is_online: bool) -> bool:
    """Tell whether a guest that is not wanted is certainly not on the lock, by the last list.

    What an offline lock knows is not what the cloud lists.
    """
    if record.is_wanted or not record.missed:
        return False
    match record.sent:
        case Step.DELETE:
            return is_online
        case _ if record.user_id is None:
            return record.age(now) >= MAY_APPEAR_FOR
        case _:
            is_long_ago = record.is_unsettled_for(SEND_AGAIN_AFTER, now)
            return is_online and record.missed >= BELIEVED_GONE_AFTER and is_long_ago


def next_step(
    records: Iterable[Record], users: tuple[ListedUser, ...], now: datetime
) -> NextStep | None:
    """Return what is to be sent for one lock; nothing while an earlier step is under way."""
    ours = tuple(records)
    if any(record.is_under_way(now) for record in ours):
        return None
    steps = (_step_for(record, users, now) for record in ours)
    return next((step for step in steps if step), None)


def _step_for(record: Record, users: tuple[ListedUser, ...], now: datetime) -> NextStep | None:
    found = matches(record, users, now)
    if found and not record.is_wanted:
        is_due = record.sent is not Step.DELETE or record.age(now) >= SEND_AGAIN_AFTER
        return NextStep(Step.DELETE, record, found[0].id) if is_due else None
    if not record.is_wanted:
        return None
    if len(found) > 1 and record.may_be_there_twice(now):
        return NextStep(Step.DELETE, record, found[1].id)
    if found and record.is_changed:
        is_due = record.sent is not Step.UPDATE or record.age(now) >= CONFIRM_WITHIN
        return NextStep(Step.UPDATE, record, found[0].id) if is_due else None
    is_lost = record.user_id is None and record.age(now) >= CONFIRM_WITHIN
    return NextStep(Step.ADD, record) if is_lost and record.can_be_added else None


def pause(records: Iterable[Record], now: datetime) -> float:
    """Return the seconds until the next list: soon after a change, then later and later."""
    since = [record.unsettled_since for record in records if record.unsettled_since]
    since += [record.sent_at for record in records if record.is_under_way(now) and record.sent_at]
    age = min((abs(now - moment) for moment in since), default=SLOWER_AFTER)
    if age >= SLOWER_AFTER:
        return REST
    return min(max(age.total_seconds() / 3, FIRST_PAUSE), LONGEST_PAUSE)
