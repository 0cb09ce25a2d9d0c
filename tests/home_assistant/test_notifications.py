"""What a real Home Assistant Core shows of the real gateway, read back over its WebSocket."""

import signal

import pytest

from tests.home_assistant.core import Core
from tests.home_assistant.home import Home
from tests.home_assistant.supervisor_proxy import SLUG
from utec_gateway.core.errors import GatewayError
from utec_gateway.gateway import Gateway

pytestmark = pytest.mark.asyncio(loop_scope="session")


def raise_trouble(gateway: Gateway, message: str = "It is bad.", urgency: int = 0) -> None:
    gateway.tracker.raise_issue("trouble", "Trouble", message, urgency)


async def watch_is_kept(home: Home, gateway: Gateway) -> None:
    """Wait until the gateway has put right what Core shows: it learns of a dismissal only then."""
    gateway.tracker.raise_issue("more", "More", "More trouble.")
    await home.until(lambda shown: "more" in shown)
    await home.core.dismiss("utec_gateway_more")
    await home.until(lambda _: gateway.tracker.open[-1].dismissed_at)


async def test_a_refused_sign_in_is_shown_until_somebody_signs_in_again(home: Home) -> None:
    gateway = await home.start()
    await home.until(lambda shown: not shown)
    home.cloud.refuse_grants()
    with pytest.raises(GatewayError):
        await gateway.account.tokens.refresh()
    shown = await home.until(lambda shown: "reauth_required" in shown)
    assert shown["reauth_required"]["title"] == "Sign in to U-tec again"
    assert "Your locks keep working until" in shown["reauth_required"]["message"]
    home.cloud.behaviour.oauth.refuse_grants = False
    await home.sign_in(gateway)
    await home.until(lambda shown: not shown)


async def test_a_text_that_changes_is_brought_up_to_date_in_place(home: Home) -> None:
    gateway = await home.start()
    raise_trouble(gateway)
    await home.until(lambda shown: "trouble" in shown)
    raise_trouble(gateway, "It is still bad.")
    shown = await home.until(lambda shown: "still" in shown["trouble"]["message"])
    assert list(shown) == ["trouble"]
    assert shown["trouble"]["message"].endswith(f"(/app/{SLUG})")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_what_a_restart_of_core_loses_is_back(home: Home, how: signal.Signals) -> None:
    gateway = await home.start()
    raise_trouble(gateway)
    before = await home.until(lambda shown: "trouble" in shown)
    await home.core.stop(how)
    gateway.tracker.raise_issue("more", "More", "Raised while nobody was there.")
    await home.core.start()
    after = await home.until(lambda shown: len(shown) == 2)
    assert after["trouble"]["message"] == before["trouble"]["message"]
    assert after["trouble"]["created_at"] > before["trouble"]["created_at"]


async def test_what_a_person_dismissed_stays_away_over_restarts_until_it_is_worse_or_a_day_later(
    home: Home,
) -> None:
    gateway = await home.start()
    raise_trouble(gateway)
    await home.until(lambda shown: "trouble" in shown)
    await home.core.dismiss("utec_gateway_trouble")
    await home.until(lambda _: gateway.tracker.open[0].dismissed_at)
    await home.core.restart()
    await home.stop()
    gateway = await home.start()
    await watch_is_kept(home, gateway)
    assert await home.until(lambda _: True) == {}
    home.clock.leap(3600)
    raise_trouble(gateway, "It is worse.", urgency=1)
    await home.until(lambda shown: "worse" in shown.get("trouble", {"message": ""})["message"])
    await home.core.dismiss("utec_gateway_trouble")
    await home.until(lambda _: gateway.tracker.open[0].dismissed_at)
    home.clock.leap(25 * 3600)
    await home.until(lambda shown: "trouble" in shown)


async def test_without_a_supervisor_core_itself_is_told(lonely_home: Home) -> None:
    gateway = await lonely_home.start()
    raise_trouble(gateway)
    shown = await lonely_home.until(lambda shown: "trouble" in shown)
    assert shown["trouble"]["message"] == "It is bad."
    await lonely_home.core.dismiss("utec_gateway_trouble")
    await lonely_home.until(lambda _: gateway.tracker.open[0].dismissed_at)
    await watch_is_kept(lonely_home, gateway)
    assert await lonely_home.until(lambda _: True) == {}


async def test_a_hostile_name_is_no_template(home: Home) -> None:
    gateway = await home.start()
    gateway.tracker.raise_issue("trouble", "Is {{ 6 * 7 }}", "{% if 1 %}ran{% endif %}{# gone #}")
    shown = (await home.until(lambda shown: "trouble" in shown))["trouble"]
    assert shown["title"] == "Is { { 6 * 7 }}"
    message = shown["message"].partition("\n")[0]
    assert message.replace("\\", "") == "{% if 1 %}ran{% endif %}{# gone #}"


async def test_a_wrong_token_makes_core_warn_its_owner_once(lonely_home: Home, core: Core) -> None:
    lonely_home.environment["HOME_ASSISTANT_TOKEN"] = "not-a-token"
    gateway = await lonely_home.start()
    raise_trouble(gateway)
    await gateway.notifications.send_test()
    answer = (await gateway.notifications.send_test())["persistent_notification"]
    assert answer.delivered is False
    assert "refused the gateway's token" in answer.detail
    assert list(await core.notifications()) == ["http-login"]
