"""The demo's cloud pushes to the demo itself, unless a Home Assistant is named."""

from http import HTTPStatus

from tests.demo.running import running_demo


async def test_the_cloud_pushes_a_bolt_that_is_turned_by_hand_to_the_demo() -> None:
    async with running_demo() as demo:
        assert (await demo.registered()).startswith(f"{demo.api}/push/")
        await demo.turn_a_bolt()
        assert (await demo.pushed())["status"] == HTTPStatus.OK


async def test_nothing_is_pushed_while_a_day_lasts_seconds() -> None:
    async with running_demo("--fast") as demo:
        assert "Configure/Set" not in await demo.calls(polls=3)
