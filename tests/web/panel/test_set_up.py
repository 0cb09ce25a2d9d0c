"""The set-up page: five steps that follow from the facts, can be left and gone on with."""

import re

import pytest

from tests.addon.test_supervisor import HOSTNAME, FakeSupervisor
from tests.conftest import LOCK, Running, World
from tests.web.panel.asking import page, submit, words
from tests.web.panel.setting_up import (
    LANDING,
    NOTHING,
    SET_UP,
    answer,
    leave,
    open_steps,
    send,
    wrong,
)


@pytest.fixture
async def signed_out(world: World) -> Running:
    return await world.start(sign_in=False)


async def test_a_person_comes_from_nothing_to_locks_by_pasting(world: World) -> None:
    running = await world.start(**NOTHING)
    assert await open_steps(running) == ["credentials"]
    cloud = world.cloud
    credentials = {
        "client_id": f" {cloud.client_id}\n",
        "client_secret": f"\t{cloud.client_secret} ",
    }
    assert (await send(running, "/credentials", **credentials))[:2] == (
        303,
        "set-up?done=saved#step-redirect",
    )
    assert running.gateway.settings.options.client_secret == cloud.client_secret
    assert await open_steps(running) == ["redirect", "connect"]
    assert (await send(running, "/redirect-uri", way="by_hand"))[0] == 303
    state = await leave(running)
    assert await open_steps(running) == ["connect"]
    pasted = f" {answer(world, state)} "
    assert (await send(running, "/redeem", address=pasted))[:2] == (
        303,
        "set-up?done=signed_in#step-locks",
    )
    await running.clock.settle()
    assert await open_steps(running) == ["home"]
    assert "Front Door" in (await page(running, SET_UP))[1]


async def test_the_steps_go_on_where_they_were_left_after_a_restart(world: World) -> None:
    running = await world.start(sign_in=False)
    await leave(running)
    await world.stop()
    running = await world.start(sign_in=False)
    assert await open_steps(running) == ["redirect", "connect"]


async def test_without_credentials_there_is_no_way_to_u_tec(world: World) -> None:
    running = await world.start(**NOTHING)
    status, _, text = await send(running, "/leave")
    assert status == 200
    assert wrong(text) == ("client_id", "is needed before signing in.")
    assert not running.gateway.account.sign_in.is_under_way


async def test_no_link_starts_a_sign_in(signed_out: Running) -> None:
    for path in ("/redeem", "/leave"):
        assert (await page(signed_out, path))[0] in {404, 405}
        assert not signed_out.gateway.account.sign_in.is_under_way
    async with signed_out.client.post(signed_out.panel + "/leave", data={}) as forged:
        assert forged.status == 403
    assert not signed_out.gateway.account.sign_in.is_under_way


async def test_a_refused_sign_in_starts_at_signing_in_with_the_reason(world: World) -> None:
    running = await world.start()
    world.cloud.refuse_grants()
    await submit(running, "/renew")
    assert await open_steps(running) == ["connect"]
    text = words((await page(running, SET_UP))[1])
    assert "sign-in since 2026-01-05T12:00:00Z, so you need to sign in again." in text
    assert "Your locks keep working until 2026-01-12T11:00:00Z." in text


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({"client_id": "", "client_secret": "s"}, "client_id", "This is required."),
        ({"client_id": "i", "client_secret": ""}, "client_secret", "This is required."),
        ({"client_id": "i", "client_secret": "a b"}, "client_secret", "It contains a space"),
        ({"client_id": "i\nd", "client_secret": "s"}, "client_id", "It contains a space"),
    ],
)
async def test_wrong_credentials_are_explained_at_their_field(
    world: World, form: dict[str, str], field: str, sentence: str
) -> None:
    running = await world.start(**NOTHING)
    status, _, text = await send(running, "/credentials", **form)
    assert status == 200
    blamed, why = wrong(text)
    assert (blamed, why.startswith(sentence)) == (field, True)
    assert running.gateway.settings.options.client_id == ""


async def test_a_secret_is_never_shown_again_and_an_empty_field_keeps_it(running: Running) -> None:
    secret = running.gateway.settings.options.client_secret
    _, text = await page(running, SET_UP)
    assert secret not in text
    assert "Saved. It is not shown again" in text
    assert (await send(running, "/credentials", client_id="other", client_secret=""))[0] == 303
    options = running.gateway.settings.options
    assert (options.client_id, options.client_secret) == ("other", secret)
    _, _, text = await send(running, "/credentials", client_id="o", client_secret="SIM SECRET")
    assert "SIM SECRET" not in text


async def test_options_that_cannot_be_saved_are_said_and_nothing_typed_is_lost(
    world: World,
) -> None:
    running = await world.start(**NOTHING)
    (world.data_dir / "options.json").unlink()
    (world.data_dir / "options.json").mkdir()
    _, _, text = await send(running, "/credentials", client_id="typed", client_secret="s")
    assert wrong(text)[0] == "client_id"
    assert 'value="typed"' in text


@pytest.mark.parametrize(
    ("form", "saved"),
    [
        ({"way": "by_hand", "callback": "http://x", "own": "http://y"}, LANDING),
        ({"way": "callback", "callback": " http://ha.local:8000/oauth/callback "}, None),
        ({"way": "own", "own": "https://gate.example.com/oauth/callback"}, None),
    ],
)
async def test_each_way_back_is_saved_and_shown_to_be_registered(
    signed_out: Running, form: dict[str, str], saved: str | None
) -> None:
    saved = saved or form[form["way"]].strip()
    assert (await send(signed_out, "/redirect-uri", **form))[0] == 303
    assert signed_out.gateway.settings.options.redirect_uri == saved
    _, text = await page(signed_out, SET_UP)
    assert f'<code id="to-register">{saved}</code>' in text
    assert re.search(rf'value="{form["way"]}" checked', text)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "way"),
        ({"way": "form_token"}, "way"),
        ({"way": "own", "own": "gate example"}, "own"),
        ({"way": "callback", "callback": ""}, "callback"),
    ],
)
async def test_a_way_that_is_none_is_explained_at_its_field(
    signed_out: Running, form: dict[str, str], field: str
) -> None:
    _, _, text = await send(signed_out, "/redirect-uri", **form)
    assert wrong(text)[0] == field
    assert signed_out.gateway.settings.options.redirect_uri == LANDING


async def test_the_callback_is_suggested_at_the_host_that_the_browser_uses(
    signed_out: Running,
) -> None:
    _, text = await page(signed_out, SET_UP, headers={"Host": "192.168.1.5:8123"})
    port = signed_out.url.rpartition(":")[2]
    assert f'value="http://192.168.1.5:{port}/oauth/callback"' in text


async def test_looking_again_finds_a_lock_that_was_ticked_meanwhile(
    world: World, running: Running
) -> None:
    world.cloud.add_device("02:51:4D:00:00:09", "Cellar Door")
    assert "Cellar Door" not in (await page(running, SET_UP))[1]
    assert (await send(running, "/look"))[:2] == (303, "set-up#step-locks")
    assert "Cellar Door" in (await page(running, SET_UP))[1]


async def test_without_a_lock_the_page_says_why_one_may_be_missing(world: World) -> None:
    world.cloud.devices.clear()
    running = await world.start()
    assert await open_steps(running) == ["locks", "home"]
    text = words((await page(running, SET_UP))[1])
    assert "No locks yet." in text
    assert "It is not selected on the OpenAPI page" in text


async def test_a_cloud_that_fails_while_looking_is_said(world: World) -> None:
    world.cloud.devices.clear()
    running = await world.start(max_retries=0)
    world.cloud.faults.fail("/action")
    status, _, text = await send(running, "/look")
    assert status == 200
    assert '<p class="notice error" role="alert">' in text


async def test_the_name_of_a_lock_cannot_run_a_script(world: World) -> None:
    world.cloud.devices[LOCK].name = "<img src=x onerror=alert(1)>"
    running = await world.start()
    _, text = await page(running, SET_UP)
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


async def test_the_key_is_shown_only_to_whoever_asks_for_it(running: Running) -> None:
    key = running.gateway.store.state.api_key
    assert key not in (await page(running, SET_UP))[1]
    status, _, text = await send(running, "/address")
    assert status == 200
    assert f'<code id="home-address">{running.url}/k/{key}</code>' in text
    assert key not in (await page(running, SET_UP))[1]
    async with running.client.post(running.panel + "/address", data={}) as answered:
        assert answered.status == 403
        assert key not in await answered.text()


async def test_in_home_assistant_the_address_is_there_and_needs_no_key(
    world: World,
    supervisor: FakeSupervisor,  # noqa: ARG001
) -> None:
    running = await world.start()
    await running.clock.advance(1)
    _, text = await page(running, SET_UP)
    assert f'<code id="home-address">http://{HOSTNAME}:8000</code>' in text
    assert 'action="address"' not in text
    status, _, text = await send(running, "/address")
    assert status == 200
    assert running.gateway.store.state.api_key not in text


async def test_a_home_assistant_that_has_not_answered_yet_is_waited_for(
    world: World,
    supervisor: FakeSupervisor,
) -> None:
    supervisor.refuse(502, "502: Bad Gateway")
    running = await world.start()
    text = words((await page(running, SET_UP))[1])
    assert "Home Assistant has not told the gateway its name yet." in text
