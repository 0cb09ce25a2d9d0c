"""How urgent something is; the words are classes of the style sheet and names of icons."""

from enum import StrEnum


class Severity(StrEnum):
    """Each has an icon, since color alone says nothing."""

    GOOD = "good"
    WARNING = "warning"
    ERROR = "error"
