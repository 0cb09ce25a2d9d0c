"""Search and filter, where there are too many devices to look through."""

import pytest

from tests.conftest import LOCK, OTHER_LOCK, Running, World
from tests.web.panel.asking import page, words
from utec_gateway.simulator.states import jam, unlock
from utec_gateway.web.panel.overview.selection import MANY


async def crowd(world: World, devices: int = MANY + 1) -> Running:
    """Start a gateway with so many devices: Front Door, Back Door, and numbered flats."""
    for number in range(devices - len(world.cloud.devices)):
        world.cloud.add_device(f"02:51:4D:00:01:{number:02X}", f"Flat {number}", "lock")
    return await world.start()


async def names(running: Running, query: str) -> list[str]:
    """Return the devices that a page with this query shows."""
    _, text = await page(running, f"/{query}")
    return [part.partition("</h3>")[0] for part in text.split("<h3>")[1:]]


@pytest.mark.parametrize(("devices", "is_offered"), [(MANY, False), (MANY + 1, True)])
async def test_only_those_with_many_devices_are_offered_a_search(
    devices: int, is_offered: bool, world: World
) -> None:
    running = await crowd(world, devices)
    assert ('id="filter"' in (await page(running))[1]) is is_offered


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?search=door", ["Front Door", "Back Door"]),
        ("?search=FRONT+door", ["Front Door"]),
        ("?show=unlocked", ["Back Door"]),
        ("?search=flat&show=unlocked", []),
        ("?show=offline", ["Flat 7"]),
        ("?show=attention", ["Front Door", "Flat 7"]),
    ],
)
async def test_devices_are_found_by_name_and_by_state(
    query: str, found: list[str], world: World
) -> None:
    running = await crowd(world)
    world.cloud.devices[LOCK].operate(jam)
    world.cloud.devices[OTHER_LOCK].operate(unlock)
    world.cloud.devices["02:51:4D:00:01:07"].go_offline()
    await running.clock.advance(90)
    assert await names(running, query) == found


@pytest.mark.parametrize("query", ["", "?search=", "?show=nonsense", "?search=%20&show=all"])
async def test_what_cannot_be_meant_shows_everything(query: str, world: World) -> None:
    running = await crowd(world)
    assert len(await names(running, query)) == MANY + 1
    assert "Show all" not in (await page(running, f"/{query}"))[1]


async def test_a_filter_hides_no_issue_and_says_how_much_it_hides(world: World) -> None:
    running = await crowd(world)
    world.cloud.devices[LOCK].operate(jam)
    await running.clock.advance(90)
    _, text = await page(running, "/?search=flat+1&show=locked")
    assert "Front Door is jammed" in words(text)
    assert "15 of 61 devices." in words(text)
    assert "<h3>Front Door</h3>" not in text


async def test_live_updates_keep_what_is_looked_for(world: World) -> None:
    running = await crowd(world)
    _, text = await page(running, "/?search=front+%26&show=locked")
    assert 'data-live="live?page=overview&amp;search=front+%26&amp;show=locked"' in text
    async with running.client.get(
        f"{running.panel}/live?page=overview&search=front&show=all"
    ) as stream:
        event = (await stream.content.readline()).decode()
    assert "Front Door" in event
    assert "Back Door" not in event


async def test_whatever_is_searched_for_is_text(world: World) -> None:
    running = await crowd(world)
    _, text = await page(running, '/?search="><script>alert(1)</script>')
    assert "<script>alert" not in text
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in text
