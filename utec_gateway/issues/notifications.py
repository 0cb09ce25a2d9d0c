"""What is worth saying, and in which words; decided here and nowhere else.

Every message is read alone, on a phone, hours later: it names its subject, and where to go.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from utec_gateway.core.backoff import Failure
from utec_gateway.core.clock import Clock
from utec_gateway.core.errors import GatewayError, ReauthRequiredError
from utec_gateway.core.models import Device, LockState, Operation, Token
from utec_gateway.plugin_api.plugin_health import Delivery

from .tracker import Bulletin

REAUTH_REQUIRED = "reauth_required"
RENEWAL_FAILING = "renewal_failing"
UTEC_UNREACHABLE = "utec_unreachable"
LOCK_NOT_CONFIRMED = "lock_not_confirmed"
"""What became of the last command for a lock that was not obeyed; there is one for each lock."""
COMMAND_REFUSED = "command_refused"
"""The same while no lock is known that could be named."""
JAMMED = "jammed"
BATTERY_LOW = "battery_low"
STATE_RECOVERED = "state_recovered"
OF_A_LOCK = frozenset({LOCK_NOT_CONFIRMED, JAMMED, BATTERY_LOW})

FAILING_IS_NEWS = timedelta(hours=6)
RUNNING_OUT = timedelta(hours=24)
"""A person is told when renewals have failed for that long, or when only that much is left."""
ENDED_JAMMED = 1
"""The urgency of a command that left the bolt stuck; with it, the jam has been told of."""

DONE = {Operation.LOCK: "locked", Operation.UNLOCK: "unlocked"}
SEEN = {
    LockState.LOCKED: "It was last seen locked.",
    LockState.UNLOCKED: "It was last seen unlocked.",
    LockState.JAMMED: "The lock reports that its bolt is jammed.",
    LockState.UNKNOWN: "Nobody knows whether it is locked.",
}
REFUSED = "U-tec has refused to renew the gateway's sign-in, so you need to sign in again."
WHY_REFUSED = {
    "client": (
        "U-tec no longer accepts the gateway's client ID and client secret. Compare both with the "
        "Xthings Home app (My Account, OpenAPI), correct them, and sign in again."
    ),
    "No refresh token": (
        "U-tec gave the gateway a sign-in that cannot be renewed, so you need to sign in again."
    ),
}
"""By what the reason holds: people get no words of the protocol."""


def _when(moment: datetime) -> str:
    """Return a moment in the machine's own zone, as people say it."""
    return f"{moment.astimezone():%A %d %B %H:%M}"


def _sentence(text: object) -> str:
    """Return a text that ends as a sentence does."""
    said = str(text)
    return said if said.endswith((".", "!", "?")) else f"{said}."


class Notifications:
    """Turns events into sentences; the bulletin decides when people hear them."""

    def __init__(self, bulletin: Bulletin, panel_directions: str, clock: Clock) -> None:
        self._bulletin = bulletin
        self._panel_directions = panel_directions
        self._clock = clock

    def reauth_required(self, reason: object, works_until: datetime | None) -> None:
        """Say that only a person can renew the sign-in; worse when little or no time is left."""
        known = (why for word, why in WHY_REFUSED.items() if word in str(reason))
        left = (
            f"Your locks keep working until {_when(works_until)}."
            if works_until
            else "Your locks do not answer until you have signed in."
        )
        self._bulletin.put_up(
            REAUTH_REQUIRED,
            "Sign in to U-tec again",
            f"{next(known, REFUSED)} {left} {self._to_sign_in}",
            self._urgency(works_until),
            at_once=True,
        )

    @property
    def _to_sign_in(self) -> str:
        return f"{self._panel_directions}, choose Set up, and sign in there."

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
            else "Your locks do not answer until the sign-in is renewed."
        )
        self._bulletin.put_up(
            RENEWAL_FAILING,
            "The sign-in to U-tec cannot be renewed",
            f"Renewing the gateway's sign-in to U-tec has failed since {_when(since)}. The last "
            f"attempt: {_sentence(error)} The gateway tries again at {_when(next_attempt)}. {left} "
            f"If it goes on, sign in again. {self._to_sign_in}",
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
            f'U-tec was asked to {operation} "{lock.name}" on {_when(self._clock.now())}, but the '
            f"bolt was not seen to move. {SEEN[lock.reported_state]} "
            "Look at the door, or try again.",
            urgency=ENDED_JAMMED if lock.reported_state is LockState.JAMMED else 0,
            at_once=True,
        )

    def command_refused(
        self, operation: Operation, error: GatewayError, lock: Device | None
    ) -> None:
        """Say why a command was not carried out; None where no lock is known that it was for."""
        which = f'"{lock.name}"' if lock else "a lock"
        why = (
            f"The gateway is not signed in to U-tec. {self._to_sign_in}"
            if isinstance(error, ReauthRequiredError)
            else _sentence(error)
        )
        self._bulletin.put_up(
            f"{LOCK_NOT_CONFIRMED}_{lock.tag}" if lock else COMMAND_REFUSED,
            f"{lock.name if lock else 'A lock'} was not {DONE[operation]}",
            f"The command to {operation} {which} on {_when(self._clock.now())} was not carried "
            f"out. {why}",
            at_once=True,
        )

    def bolt_moved(self, lock: Device) -> None:
        """Take back that commands were not obeyed: since then a bolt has moved."""
        self._take_down((f"{LOCK_NOT_CONFIRMED}_{lock.tag}", COMMAND_REFUSED))

    def jammed(self, lock: Device) -> None:
        """Say that a bolt is stuck, unless the end of a command that left it so has said it."""
        ended = f"{LOCK_NOT_CONFIRMED}_{lock.tag}"
        if any(one.id == ended and one.urgency >= ENDED_JAMMED for one in self._bulletin.open):
            return
        self._bulletin.put_up(
            f"{JAMMED}_{lock.tag}",
            f"{lock.name} is jammed",
            f'The lock "{lock.name}" reports that its bolt is jammed, so the door may not be '
            "locked. Look at it, and move the bolt by hand or with another command.",
            urgency=1,
            at_once=True,
        )

    def not_jammed(self, lock: Device) -> None:
        """Take back that a bolt is stuck."""
        self._take_down((f"{JAMMED}_{lock.tag}",))

    def battery_low(self, lock: Device, level: int) -> None:
        """Say that a battery is low, by the level that the lock reports."""
        self._bulletin.put_up(
            f"{BATTERY_LOW}_{lock.tag}",
            f"The battery of {lock.name} is low",
            f'The lock "{lock.name}" reports battery level {level} of 5. Change its batteries '
            "soon. This message is taken back once the lock has reported better levels for a day.",
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
            if kind in OF_A_LOCK and tag not in tags:
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
