"""How the gateway speaks to Home Assistant: in harmless words, with a token, without nagging."""

import json

import pytest

from tests.conftest import LOCK, TOKEN, Running, World
from tests.home_assistant.core_double import CoreDouble
from tests.home_assistant.supervisor_proxy import SupervisorProxy
from tests.plugins.home import (
    CORE_TOKEN,
    HOUR,
    MINUTE,
    SHOWN,
    device,
    log_lines,
    raise_trouble,
    say_test,
    start,
)
from tests.steps import bearer, on_disk, plugin
from utec_gateway.core.models import Operation
from utec_gateway.issues.kinds import battery_low


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("Your locks keep working until Sunday 14:00.", None),
        ('U-tec was asked to lock "Front Door (1)!"', None),
        ("[x](http://evil.test)", r"\[x\](http\://evil.test)"),
        ("see www.evil.test or a@evil.test", r"see www\.evil.test or a\@evil.test"),
        ("<script>alert(1)</script> &lt;", r"\<script\>alert(1)\</script\> \&lt;"),
        ("**b** _i_ `c` ~~s~~ |t| \\", r"\*\*b\*\* \_i\_ \`c\` \~\~s\~\~ \|t\| \\"),
        ("# head\r\n\n- item\u2028> [!WARNING]", r"\# head - item \> \[!WARNING\]"),
        ("1. one", r"1\. one"),
        ("- one", r"\- one"),
        ("{{ states }} {% x %} {# y #}", r"\{\{ states }} \{\% x %} \{\# y #}"),
        ("half \udce9 a character", "half ? a character"),
    ],
)
async def test_foreign_words_are_shown_letter_by_letter(
    core: CoreDouble, home: Running, text: str, markdown: str | None
) -> None:
    await raise_trouble(home, text)
    assert core.notifications[SHOWN]["message"].partition("\n\n")[0] == (markdown or text)


async def test_a_hostile_name_is_a_name(core: CoreDouble, world: World, home: Running) -> None:
    world.cloud.devices[LOCK].name = "{{ 7 * 7 }} [x](javascript:alert(1)) {% raw %}"
    await home.post("/api/devices/refresh", headers=bearer(world))
    lock = device(home)
    home.gateway.notifications.raise_issue(battery_low.issue(lock, 1))
    await home.clock.advance(1)
    (shown,) = core.notifications.values()
    assert shown["title"] == (
        "The battery of { { 7 * 7 }} [x](javascript:alert(1)) { % raw %} is low"
    )
    assert "[x]" not in shown["message"]


async def test_home_assistant_learns_no_secret_and_no_whole_id(
    core: CoreDouble, world: World, home: Running
) -> None:
    world.cloud.devices[LOCK].behaviour.battery_stuck_at = 1
    await home.post("/api/devices/refresh", headers=bearer(world))
    home.gateway.notifications.lock_not_confirmed(device(home), Operation.LOCK)
    world.cloud.refuse_grants()
    await home.post("/api/oauth/refresh")
    await say_test(home)
    await home.clock.advance(1)
    assert len(core.notifications) == 4
    sent = json.dumps(core.calls)
    secrets = [LOCK, TOKEN, CORE_TOKEN, world.cloud.client_secret, on_disk(world)["api_key"]]
    token = home.gateway.account.tokens.token
    assert token is not None
    for secret in [*secrets, token.access_token, token.refresh_token]:
        assert secret
        assert secret not in sent


async def test_a_refused_token_is_said_once_and_tried_four_times_an_hour(
    core: CoreDouble, world: World
) -> None:
    world.environment |= {"HOME_ASSISTANT_URL": core.url, "HOME_ASSISTANT_TOKEN": "wrong-token"}
    running = await start(world)
    await raise_trouble(running)
    assert core.refusals == 1
    await running.clock.advance(HOUR)
    assert 4 <= core.refusals <= 5
    assert len(log_lines(world, "ERROR", "waits until it can")) == 1
    assert "refused the gateway's token" in (await say_test(running))["detail"]
    assert (await plugin(running, "persistent_notification"))["is_failing"]
    core.token = "wrong-token"
    await running.clock.advance(20 * MINUTE)
    assert list(core.notifications) == [SHOWN]


async def test_the_supervisors_refusal_is_a_refused_token_too(
    proxy: SupervisorProxy, world: World
) -> None:
    proxy.token = "of-another-start"
    running = await start(world)
    await running.clock.advance(HOUR)
    assert len(proxy.requests) <= 5
    assert "refused the gateway's token" in (await say_test(running))["detail"]


async def test_without_a_supervisor_home_assistant_itself_is_told(
    core: CoreDouble, world: World
) -> None:
    world.environment |= {
        "HOME_ASSISTANT_URL": f"{core.url}/lovelace/0",
        "HOME_ASSISTANT_TOKEN": f" {CORE_TOKEN}\n",
    }
    running = await start(world)
    await raise_trouble(running)
    assert core.notifications[SHOWN]["message"] == "It is bad."
    await core.dismiss(SHOWN)
    await running.clock.advance(MINUTE)
    assert running.gateway.tracker.open[0].dismissed_at is not None
    assert running.gateway.redactor.redact(f"x {CORE_TOKEN} y") == "x *** y"


async def test_without_any_home_assistant_there_is_no_such_notifier(running: Running) -> None:
    _, answer = await running.get("/api/plugins")
    assert "persistent_notification" not in {one["name"] for one in answer["plugins"]}


@pytest.mark.parametrize(
    ("url", "token", "said"),
    [
        ("http://ha.test:8123", "", "HOME_ASSISTANT_TOKEN: is needed beside HOME_ASSISTANT_URL"),
        ("", "secret-token", "HOME_ASSISTANT_URL: is needed beside HOME_ASSISTANT_TOKEN"),
        ("ha.test:8123", "secret-token", "HOME_ASSISTANT_URL: must be an address"),
        ("ftp://ha.test", "secret-token", "HOME_ASSISTANT_URL: must be an address"),
        ("http://ha.test", "secret token", "HOME_ASSISTANT_TOKEN: must be one word"),
    ],
)
async def test_a_half_set_up_home_assistant_is_one_line_and_one_plugins_trouble(
    world: World, url: str, token: str, said: str
) -> None:
    world.environment |= {"HOME_ASSISTANT_URL": url, "HOME_ASSISTANT_TOKEN": token}
    running = await start(world)
    await running.clock.advance(HOUR)
    assert len(log_lines(world)) == 1
    assert (await plugin(running, "persistent_notification"))["last_error"].startswith(said)
    assert (await say_test(running))["detail"].startswith(said)
    log = (world.data_dir / "gateway.log").read_text()
    assert "Traceback" not in log
    assert "secret-token" not in log
    assert (await running.get("/health"))[1]["health"] == "degraded"


async def test_a_half_set_up_home_assistant_that_nobody_wants_is_no_trouble(world: World) -> None:
    world.environment["HOME_ASSISTANT_URL"] = "http://ha.test"
    running = await start(world, notify_home_assistant=False)
    await raise_trouble(running)
    _, answer = await running.get("/api/plugins")
    assert not any(one["is_failing"] for one in answer["plugins"])
    assert "HOME_ASSISTANT" not in (world.data_dir / "gateway.log").read_text()
