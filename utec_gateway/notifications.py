"""What is worth saying, and in which words; decided here and nowhere else."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from .backoff import Failure
from .bulletin import Bulletin
from .clock import Clock
from .models import Device, Operation, Token
from .roster import Delivery

REAUTH_REQUIRED = "reauth_required"
RENEWAL_FAILING = "renewal_failing"
UTEC_UNREACHABLE = "utec_unreachable"
LOCK_NOT_CONFIRMED = "lock_not_confirmed"
BATTERY_LOW = "battery_low"
STATE_RECOVERED = "state_recovered"

FAILING_IS_NEWS = timedelta(hours=6)
RUNNING_OUT = timedelta(hours=24)
"""A person is told when renewals have failed for that long, or when only that much is left."""


def _when(moment: datetime) -> str:
    """Return a moment in the machine's own zone, as people say it."""
    return f"{moment.astimezone():%A %d %B %H:%M}"


class Notifications:
    """Turns events into sentences; the bulletin decides when people hear them."""

    def __init__(self, bulletin: Bulletin, clock: Clock) -> None:
        self._bulletin = bulletin
        self._clock = clock

    def reauth_required(self, reason: object, works_until: datetime | None) -> None:
        """Say that only a person can renew the sign-in; worse when little or no time is left."""
        left = (
            f"Your locks keep working until {_when(works_until)}."
            if works_until
            else "Your locks do not answer until then."
        )
        self._bulletin.put_up(
            REAUTH_REQUIRED,
            "Sign in to U-tec again",
            f"{reason}. {left}",
            self._urgency(works_until),
        )

    def renewal_failing(
        self, error: Exception, token: Token, since: datetime, next_attempt: datetime
    ) -> None:
        """Say that renewals fail, once they have failed for long or time is running out."""
        now = self._clock.now()
        if now - since < FAILING_IS_NEWS and token.expires_at - now > RUNNING_OUT:
            return
        left = (
            f"Your locks keep working until {_when(token.expires_at)}."
            if now < token.expires_at
            else "Your locks do not answer until it succeeds."
        )
        self._bulletin.put_up(
            RENEWAL_FAILING,
            "The sign-in to U-tec cannot be renewed",
            f"Renewing has failed since {_when(since)}: {error}. "
            f"The gateway tries again at {_when(next_attempt)}. {left}",
            self._urgency(token.expires_at),
        )

    def _urgency(self, works_until: datetime | None) -> int:
        """Return 0 while there is time, 1 on the last day, 2 when the locks do not answer."""
        now = self._clock.now()
        if works_until is None or works_until <= now:
            return 2
        return 1 if works_until - now < RUNNING_OUT else 0

    def signed_in(self) -> None:
        """Take back everything that a good sign-in cures."""
        self._take_down((REAUTH_REQUIRED, RENEWAL_FAILING, STATE_RECOVERED))

    def utec_unreachable(self, failure: Failure) -> None:
        """Say that there has been no news of the locks for long, and why."""
        self._bulletin.put_up(
            UTEC_UNREACHABLE,
            "No news of your locks",
            f"There has been no news of your locks since {_when(failure.since.wall)}, so they show "
            f"as unknown or soon will. {failure}. {self._advice(failure)}",
        )

    def _advice(self, failure: Failure) -> str:
        """Return what to do about it, which is mostly nothing."""
        if not failure.error.answered:
            return "Check your internet connection; the gateway keeps trying."
        return "The gateway keeps asking; there is nothing that you need to do."

    def utec_answers(self) -> None:
        """Take back that U-tec does not answer: it does, or nobody may ask it."""
        self._take_down((UTEC_UNREACHABLE,))

    def lock_not_confirmed(self, lock: Device, operation: Operation) -> None:
        """Say that a command was taken and the bolt not seen to move."""
        self._bulletin.put_up(
            f"{LOCK_NOT_CONFIRMED}_{lock.tag}",
            f"{lock.name} did not {operation}",
            f'U-tec was asked to {operation} "{lock.name}", but the bolt was not seen to move. '
            f"Last known state: {lock.reported_state}. "
            "Look at the door, or try again.",
        )

    def bolt_moved(self, lock: Device) -> None:
        """Take back that a bolt was not seen to move."""
        self._take_down((f"{LOCK_NOT_CONFIRMED}_{lock.tag}",))

    def battery_low(self, lock: Device, level: int) -> None:
        """Say that a battery is low, by the level that the lock reports."""
        self._bulletin.put_up(
            f"{BATTERY_LOW}_{lock.tag}",
            f"The battery of {lock.name} is low",
            f'"{lock.name}" reports battery level {level} of 5. Change its batteries soon.',
            urgency=max(0, 2 - level),
        )

    def battery_good(self, lock: Device) -> None:
        """Take back that a battery is low."""
        self._take_down((f"{BATTERY_LOW}_{lock.tag}",))

    def forget_all_but(self, devices: Iterable[Device]) -> None:
        """Take back what was said of locks that are gone."""
        tags = {device.tag for device in devices}
        for notification in self._bulletin.open:
            kind, _, tag = notification.id.rpartition("_")
            if kind in {LOCK_NOT_CONFIRMED, BATTERY_LOW} and tag not in tags:
                self._bulletin.take_down(notification.id)

    def state_recovered(self, what: str) -> None:
        """Say that the state file had to be recovered."""
        self._bulletin.put_up(STATE_RECOVERED, "The gateway's memory was damaged", what)

    async def send_test(self) -> dict[str, Delivery]:
        """Send one test message through every notifier; return what each says of it, by name."""
        return await self._bulletin.try_out(
            "test",
            "Test message",
            "This is a test. Messages from the U-tec Gateway arrive here.",
        )

    def _take_down(self, ids: Iterable[str]) -> None:
        """Take back those that are open, or are just about to be."""
        for notification_id in ids:
            self._bulletin.take_down(notification_id)
