"""Notifications speak the language of the installation: the option's, or Home Assistant's."""

from dataclasses import asdict

import pytest

from tests.conftest import Running, World
from tests.home_assistant.core_double import CoreDouble
from tests.plugins.home import HOUR, start
from tests.plugins.post_office import plain_part, post_office
from tests.steps import bearer

TITLES = {
    "en": "Sign in to U-tec again",
    "de": "Melde dich wieder bei U-tec an",
    "fr": "Reconnectez-vous à U-tec",
}


async def title_of_a_refusal(world: World, running: Running) -> str:
    """Have U-tec refuse the sign-in; return the title of what people are told."""
    world.cloud.behaviour.oauth.refuse_grants = True
    await running.post("/api/oauth/refresh", headers=bearer(world))
    await running.clock.advance(1)
    (notification,) = running.gateway.tracker.open
    return notification.title


@pytest.mark.parametrize("said", ["de", "de-CH", "fr"])
async def test_it_is_home_assistants_language(
    world: World, home: Running, core: CoreDouble, said: str
) -> None:
    core.language = said
    await home.clock.advance(HOUR + 1)
    assert await title_of_a_refusal(world, home) == TITLES[said[:2]]


async def test_the_first_notification_after_a_start_is_in_it_already(
    world: World, core: CoreDouble, home: Running
) -> None:
    core.language = "de"
    assert home.gateway.home.language.texts.language == "en"
    await world.stop()
    assert await title_of_a_refusal(world, await start(world)) == TITLES["de"]
    assert core.texts()


@pytest.mark.parametrize("said", ["pl", "", None, 5, "../en", "x" * 300])
async def test_a_language_that_we_do_not_speak_is_english(
    world: World, home: Running, core: CoreDouble, said: object
) -> None:
    core.language = said
    await home.clock.advance(HOUR + 1)
    assert await title_of_a_refusal(world, home) == TITLES["en"]


async def test_home_assistant_that_is_gone_keeps_its_language(
    world: World, home: Running, core: CoreDouble
) -> None:
    core.language = "de"
    await home.clock.advance(HOUR + 1)
    await core.stop()
    await home.clock.advance(2 * HOUR)
    assert await title_of_a_refusal(world, home) == TITLES["de"]


async def test_an_option_wins_and_nobody_is_asked(world: World, core: CoreDouble) -> None:
    core.language = "de"
    running = await start(world, language="fr")
    assert await title_of_a_refusal(world, running) == TITLES["fr"]


async def test_a_gateway_without_home_assistant_speaks_english(world: World) -> None:
    running = await start(world)
    assert await title_of_a_refusal(world, running) == TITLES["en"]


async def test_an_email_is_in_the_language_from_its_subject_to_its_end(world: World) -> None:
    async with post_office("none") as post:
        email = {**asdict(post.options), "recipients": list(post.options.recipients)}
        running = await start(world, language="de", email=email)
        title = await title_of_a_refusal(world, running)
        world.cloud.behaviour.oauth.refuse_grants = False
        await running.post("/api/oauth/refresh", headers=bearer(world))
        await running.clock.advance(1)
        subjects = [message["Subject"] for _, message in post.mailbox.received]
        assert subjects == [f"U-tec Gateway: {title}", f"U-tec Gateway: Behoben: {title}"]
        assert "gilt nicht mehr" in plain_part(post.mailbox.received[-1][1])
        await world.stop()
