"""What the steps of the set-up say of themselves: how far each is, and which port is open."""

import re

import pytest

from tests.addon.test_supervisor import FakeSupervisor
from tests.conftest import Running, World
from tests.plugins.broker_state import say_of_broker
from tests.web.panel.asking import page, words
from tests.web.panel.setting_up import LANDING, NOTHING, SET_UP, answer, leave, open_steps, send

STATES = re.compile(r'<span class="state (\w+)"(?: id="state-\w+")?>(.*?)</span>', re.DOTALL)


@pytest.fixture
async def signed_out(world: World) -> Running:
    return await world.start(sign_in=False)


async def states(running: Running, **headers: str) -> list[str]:
    """Return how far each step is, in words."""
    _, text = await page(running, SET_UP, headers=headers)
    return [words(said) for _, said in STATES.findall(text)]


async def test_every_step_says_in_words_how_far_it_is(world: World) -> None:
    running = await world.start(**NOTHING)
    assert await states(running) == ["Next", "Waiting", "Waiting", "Waiting", "Waiting"]
    credentials = {"client_id": world.cloud.client_id, "client_secret": world.cloud.client_secret}
    await send(running, "/credentials", **credentials)
    assert await states(running) == ["Done", "Next", "After step 2", "Waiting", "Waiting"]
    state = await leave(running)
    here = f"Done · {LANDING}"
    assert await states(running) == ["Done", here, "Next", "Waiting", "Waiting"]
    await send(running, "/redeem", address=answer(world, state))
    await running.clock.settle()
    until = "Done · Signed in until 2026-01-12T11:00:00Z"
    assert await states(running) == ["Done", here, until, "Done · Found: 2", "Optional"]
    in_german = await states(running, **{"Accept-Language": "de"})
    assert in_german[-1] == "Optional"
    assert in_german[0] == "Erledigt"


async def test_a_connected_broker_is_the_last_step_done(world: World) -> None:
    say_of_broker(world, "connected")
    running = await world.start()
    assert (await states(running))[-1] == "Done"
    assert await open_steps(running) == ["home"], "there is the way to the devices"


async def test_the_first_run_is_a_welcome_and_the_second_visit_is_not(world: World) -> None:
    running = await world.start(**NOTHING)
    _, text = await page(running, SET_UP)
    assert "<h1>Welcome to the U-tec Gateway</h1>" in text
    assert "It takes about three minutes." in text
    assert "error" not in text.partition("<main")[2].partition("</main>")[0]
    await send(running, "/credentials", client_id="i", client_secret="s")
    assert "<h1>Set up</h1>" in (await page(running, SET_UP))[1]


async def test_the_port_is_the_one_that_is_open_and_what_nobody_knows_is_said(
    signed_out: Running,
) -> None:
    text = words((await page(signed_out, SET_UP))[1])
    port = signed_out.url.rpartition(":")[2]
    assert f"The gateway listens on port {port}. If Docker publishes it under another" in text
    assert "the gateway cannot know it" in text
    assert f"forwards to port {port} of the gateway" in text


async def test_who_comes_through_the_published_port_has_told_which_it_is(
    signed_out: Running,
) -> None:
    here = {"Host": "192.168.1.5:8765"}
    async with signed_out.client.get(signed_out.url + SET_UP, headers=here) as response:
        assert response.status == 200
        text = await response.text()
    assert 'value="http://192.168.1.5:8765/oauth/callback"' in text
    assert "cannot know" not in text


async def test_in_home_assistant_the_port_is_published_on_the_add_ons_page(
    world: World,
    supervisor: FakeSupervisor,  # noqa: ARG001
) -> None:
    running = await world.start(sign_in=False)
    text = words((await page(running, SET_UP))[1])
    port = running.url.rpartition(":")[2]
    assert f"with port {port} of the gateway published (add-on page," in text
    assert "Docker" not in text
