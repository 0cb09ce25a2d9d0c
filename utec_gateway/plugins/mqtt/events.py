"""What is said of what happens at a lock."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from utec_gateway.plugin_api import (
    Activity,
    ActivityKind,
    CodeEvent,
    CommandOutcome,
    Device,
    GatewayError,
)

from .picture import dumped
from .topics import Topics

MOST_WAITING = 100
ERRORS_REMEMBERED = 32
COMMAND, OUTSIDE = "command", "outside"


class Events:
    """Owns the events that wait to be published; a refusal that two tell of is said once."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Device, Mapping[str, Any]]] = deque(maxlen=MOST_WAITING)
        self._said: deque[GatewayError] = deque(maxlen=ERRORS_REMEMBERED)

    def occurred(self, activity: Activity) -> None:
        """Have an activity published."""
        command = activity.command
        error = command.error if command else None
        if activity.kind is not ActivityKind.REFUSED or self._is_news(error):
            self._waiting.append((activity.device, _event(activity.kind, command)))

    def code_happened(self, event: CodeEvent) -> None:
        """Have it published what happened to the code of a guest, by name and without the code."""
        said = {
            "event_type": str(event.kind),
            "guest": event.name,
            "expired": event.is_expired,
        }
        self._waiting.append((event.device, said))

    def refused(self, device: Device, error: GatewayError, origin: str) -> None:
        """Have it published that a command was refused."""
        if self._is_news(error):
            event = {
                "event_type": str(ActivityKind.REFUSED),
                "source": COMMAND,
                "origin": origin,
                "seconds": None,
                "reason": str(error),
            }
            self._waiting.append((device, event))

    def _is_news(self, error: GatewayError | None) -> bool:
        if error is None or any(error is one for one in self._said):
            return error is None
        self._said.append(error)
        return True

    def take(self, topics: Topics) -> tuple[str, str] | None:
        """Return the topic and the payload of the next event, None when none waits."""
        if not self._waiting:
            return None
        device, event = self._waiting.popleft()
        return topics.event(device), dumped(event)

    def clear(self) -> None:
        """Drop what waits: what happened while nobody could hear it is old news."""
        self._waiting.clear()


def _event(kind: ActivityKind, command: CommandOutcome | None) -> Mapping[str, Any]:
    origins = command.origins if command else ()
    return {
        "event_type": str(kind),
        "source": COMMAND if command else OUTSIDE,
        "origin": origins[0].name if origins else None,
        "seconds": round(command.duration, 1) if command else None,
        "reason": str(command.error) if command and command.error else None,
    }
