"""Pushes by hand, for the control API: what to push now, and what came of all that was pushed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from .cloud_state import CloudState
from .settings_by_name import SettingRefusedError, checked


@dataclass(frozen=True, slots=True)
class PushOrder:
    """What is to be pushed; a body of one's own stands beside these, as `body`.

    `url`, with an `access_token` or without, is registered first, as by another client.
    """

    url: str | None = None
    access_token: str | None = None
    states: tuple[str, ...] = ()
    sync: bool = False
    delete: tuple[str, ...] = ()


def describe_pushes(world: CloudState) -> dict[str, Any]:
    """Return who registered, and what was delivered with which outcome."""
    registrations = [
        {"url": each.url, "access_token": each.secret, "at": each.at.isoformat()}
        for each in world.pushes.registrations
    ]
    deliveries = [{**asdict(each), "at": each.at.isoformat()} for each in world.pushes.deliveries]
    return {"registrations": registrations, "deliveries": deliveries}


def push_now(world: CloudState, wanted: Mapping[str, Any]) -> None:
    """Do all of an order, or nothing when something is wrong with it."""
    rest = {name: value for name, value in wanted.items() if name != "body"}
    order = PushOrder(**checked(PushOrder, rest))
    unknown = [each for each in order.states if each not in world.devices]
    if unknown:
        raise SettingRefusedError(f"The devices are {', '.join(world.devices)}.")
    if not order.url and not world.pushes.registrations:
        raise SettingRefusedError("Nobody has registered for pushes.")
    if order.url:
        world.pushes.register(order.url, order.access_token)
    _push(world, order)
    if "body" in wanted:
        world.pushes.push_body(wanted["body"])


def _push(world: CloudState, order: PushOrder) -> None:
    if order.states:
        world.pushes.push_states([world.devices[each] for each in order.states])
    if order.sync:
        world.pushes.push_sync()
    if order.delete:
        world.pushes.push_deletion(order.delete)
