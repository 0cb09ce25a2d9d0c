"""Which of what happened a page shows, and which lines of the log; its address says so."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from utec_gateway.core.activity import ActivityKind
from utec_gateway.core.models import COMMANDS, Device
from utec_gateway.core.readings import Capability
from utec_gateway.journal.entry import CODES, Entry, Kind

from .log_view import LogFilter

OF_A_DEVICE = frozenset({Kind.COMMAND, Kind.ACTIVITY, *CODES})
PROBLEMS = frozenset({Kind.TOLD, Kind.WRONG_KEY, Kind.REFRESH_FAILED})
TAG = re.compile("[0-9a-f]{8}")


class Group(StrEnum):
    """What happened, as people look for it; an entry may belong to several groups."""

    ALL = "all"
    DOOR = "door"
    COMMANDS = "commands"
    CODES = "codes"
    GATEWAY = "gateway"
    PROBLEMS = "problems"

    def holds(self, entry: Entry) -> bool:
        """Tell whether an entry belongs to it."""
        match self:
            case Group.DOOR:
                return entry.kind is Kind.ACTIVITY or _is_for_a_lock(entry)
            case Group.COMMANDS:
                return entry.kind is Kind.COMMAND
            case Group.CODES:
                return entry.kind.is_code
            case Group.GATEWAY:
                return entry.kind not in OF_A_DEVICE
            case Group.PROBLEMS:
                is_offline = entry.activity is ActivityKind.OFFLINE
                return entry.has_failed or is_offline or entry.kind in PROBLEMS
            case _:
                return True


@dataclass(frozen=True)
class PageFilter:
    """What the page shows."""

    device: str = ""
    """The tag of the only device, or nothing."""
    group: Group = Group.ALL
    log: LogFilter = field(default_factory=LogFilter)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "PageFilter":
        """Read it from an address; what is invalid there filters nothing."""
        return cls(*_of_the_timeline(query), LogFilter.from_query(query))

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> "PageFilter":
        """Read it from the search form."""
        return cls(*_of_the_timeline(form), LogFilter.from_form(form))

    @property
    def is_narrow(self) -> bool:
        """Tell whether not everything that happened is shown."""
        return bool(self.device) or self.group is not Group.ALL

    @property
    def fields(self) -> dict[str, str]:
        """Return what is not as usual, as the address says it."""
        group = "" if self.group is Group.ALL else self.group
        found = {"device": self.device, "kind": group, **self.log.fields}
        return {name: value for name, value in found.items() if value}

    @property
    def query(self) -> str:
        """Return it for an address."""
        return "&".join(f"{name}={value}" for name, value in self.fields.items())

    def at(self, section: str) -> str:
        """Return the address of a section of the page."""
        return f"activity?{self.query}#{section}" if self.query else f"activity#{section}"

    def of(self, group: Group) -> "PageFilter":
        """Return the same for another group."""
        return replace(self, group=group)

    def at_level(self, level: str) -> "PageFilter":
        """Return the same for the log from another level on."""
        return replace(self, log=self.log.at_level(level))

    def without_search(self) -> "PageFilter":
        """Return the same for the whole log."""
        return replace(self, log=self.log.without_search())

    def passing(self, entries: Iterable[Entry], names: Mapping[str, str]) -> Iterable[Entry]:
        """Yield the entries to show, the newest first."""
        name = names.get(self.device)
        for entry in sorted(entries, key=lambda one: one.at)[::-1]:
            is_of_device = name is None or entry.is_of(self.device, name)
            if is_of_device and self.group.holds(entry):
                yield entry


def groups(entries: Iterable[Entry]) -> tuple[Group, ...]:
    """Return what people may look for: for codes only where somebody ever had one."""
    has_codes = any(entry.kind.is_code for entry in entries)
    return tuple(one for one in Group if one is not Group.CODES or has_codes)


def device_names(devices: Iterable[Device], entries: Iterable[Entry]) -> dict[str, str]:
    """Return how all devices are called, by their tags; those that are gone come last."""
    names = {device.tag: device.name for device in devices}
    known = {one.tag: one.subject for one in entries if one.tag and one.kind in OF_A_DEVICE}
    return names | {tag: name for tag, name in known.items() if tag not in names}


def _of_the_timeline(query: Mapping[str, str]) -> tuple[str, Group]:
    device, group = query.get("device", ""), query.get("kind", "")
    return (
        device if TAG.fullmatch(device) else "",
        Group(group) if group in set(Group) else Group.ALL,
    )


def _is_for_a_lock(entry: Entry) -> bool:
    needed = COMMANDS.get(entry.operation) if entry.operation else None
    return needed in {Capability.LOCK, Capability.MODE}
