"""What a plugin sees of one thing that is wrong."""

from dataclasses import dataclass
from datetime import datetime

from utec_gateway.core.issue import Severity


@dataclass(frozen=True)
class IssueStatus:
    """One thing that is wrong, in the installation's language; its key is stable."""

    key: str
    title: str
    message: str
    severity: Severity
    since: datetime | None = None
    """Since when, where that is known."""

    @property
    def id(self) -> str:
        """Return `key` under the name that plugins written for 0.1.2 know."""
        return self.key

    @property
    def urgency(self) -> int:
        """Return `severity` under the name that plugins written for 0.1.2 know."""
        return self.severity
