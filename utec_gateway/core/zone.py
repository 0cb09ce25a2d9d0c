"""The time zone of the locks: the cloud takes their local time and says no zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo


@dataclass(frozen=True)
class Zone:
    """Turns instants into wall time and back."""

    name: str
    """As people know it, such as "Europe/Berlin"."""
    info: tzinfo | None = None
    """None for the machine's own."""
    is_assumed: bool = False
    """Whether nobody said so."""

    def local(self, instant: datetime) -> datetime:
        """Return the wall time at an instant, without a zone."""
        return instant.astimezone(self.info).replace(tzinfo=None)

    def instant(self, wall: datetime) -> datetime:
        """Return when the clocks show it; the second time, where they do so twice."""
        late = wall.replace(fold=1)
        return (late.replace(tzinfo=self.info) if self.info else late).astimezone(UTC)

    def exists(self, wall: datetime) -> bool:
        """Tell whether the clocks ever show it: in spring they skip an hour."""
        return self.local(self.instant(wall)) == wall
