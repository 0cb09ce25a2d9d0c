"""Where a command came from: what the connection shows, and no name that nobody gave."""

from dataclasses import dataclass
from enum import StrEnum


class OriginKind(StrEnum):
    """By which door a command came in."""

    API = "api"
    PANEL = "panel"
    PLUGIN = "plugin"


WORDS = {OriginKind.API: "API from", OriginKind.PANEL: "panel", OriginKind.PLUGIN: "plugin"}


@dataclass(frozen=True)
class Origin:
    """Who asked for a command."""

    kind: OriginKind
    address: str = ""
    """The peer's address, or the plugin's name; empty for the panel, which shows neither."""

    def __str__(self) -> str:
        """Return it as the log says it."""
        return f"{WORDS[self.kind]} {self.address}".strip()

    @property
    def name(self) -> str:
        """Return by which door it came, without an address: a plugin has a name of its own."""
        return self.address if self.kind is OriginKind.PLUGIN else str(self.kind)

    @property
    def sees_the_answer(self) -> bool:
        """Tell whether a person sees it; what a program does with an error, nobody knows."""
        return self.kind is OriginKind.PANEL


PANEL = Origin(OriginKind.PANEL)
