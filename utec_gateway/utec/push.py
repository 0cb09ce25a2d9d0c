"""What the cloud pushes (utec-cloud 6.2): a hint at what to ask for, never the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from utec_gateway.core.errors import UtecProtocolError
from utec_gateway.core.models import DeviceReport

from .envelope import MOST_DEVICES, parse_reports

OF_THE_LIST = frozenset({"devicesync", "devicedelete"})


@dataclass(frozen=True)
class PushedNews:
    """Which devices a push names, and what it says of them."""

    reports: tuple[DeviceReport, ...]
    is_of_the_list: bool = False
    """Whether devices came or went, so that the list is worth asking for."""


def news_in(pushed: Any) -> PushedNews:
    """Read a push of any known shape; raise UtecProtocolError when it names no device."""
    payload = pushed.get("payload", pushed) if isinstance(pushed, Mapping) else pushed
    reports = parse_reports(payload)[:MOST_DEVICES]
    if not reports:
        raise UtecProtocolError("The push names no device")
    return PushedNews(reports, _name_of(pushed) in OF_THE_LIST)


def _name_of(pushed: Any) -> str:
    header = pushed.get("header") if isinstance(pushed, Mapping) else None
    name = header.get("name") if isinstance(header, Mapping) else None
    return name.lower() if isinstance(name, str) else ""
