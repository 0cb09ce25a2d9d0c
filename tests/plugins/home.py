"""A home with a Home Assistant: how tests start a gateway in it, and what they ask it."""

from typing import Any

from tests.conftest import LOCK, QUIET, Running, World
from utec_gateway.core.models import Device

CORE_TOKEN = "CORE-TOKEN-that-only-the-Supervisor-knows"
MINUTE, HOUR, DAY = 60, 3600, 86400
SHOWN = "utec_gateway_trouble"


async def start(world: World, **options: Any) -> Running:
    running = await world.start(**{**QUIET, **options})
    await world.clock.advance(1)
    return running


async def raise_trouble(running: Running, message: str = "It is bad.", urgency: int = 0) -> None:
    running.gateway.tracker.raise_issue("trouble", "Trouble", message, urgency)
    await running.clock.advance(1)


async def say_test(running: Running) -> dict[str, Any]:
    _, answer = await running.post("/api/notify/test")
    said: dict[str, Any] = answer["notifiers"]["persistent_notification"]
    return said


def device(running: Running) -> Device:
    return next(one for one in running.gateway.account.cache.devices if one.id == LOCK)


def log_lines(world: World, *words: str) -> list[str]:
    """Return the lines of the log about Home Assistant, each from its message on."""
    lines = (world.data_dir / "gateway.log").read_text().splitlines()
    found = [line for line in lines if "persistent_notification" in line]
    return [line for line in found if all(word in line for word in words)]
