"""The settings page: what a person changed is saved at once, and nothing else is touched."""

import os
from dataclasses import asdict
from html import unescape
from typing import Any

import pytest

from tests.conftest import Running, World
from tests.plugins.installing import install
from tests.plugins.post_office import post_office
from tests.steps import on_disk
from tests.web.panel.asking import form_token, page, submit, words
from tests.web.panel.turning_settings import (
    EMAIL,
    INPUT,
    PASSWORD,
    label_of,
    opened,
    save,
    settings,
    shown,
)


def saved(world: World) -> dict[str, Any]:
    return on_disk(world, "options.json")


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("auto_refresh_enabled", "off", False),
        ("refresh_buffer_minutes", " 60 ", 60),
        ("renew_every_hours", "0", 0),
        ("poll_interval_seconds", "45", 45),
        ("stale_after_seconds", "300", 300),
        ("max_retries", "5", 5),
        ("notify_home_assistant", "off", False),
        ("log_level", "debug", "debug"),
    ],
)
async def test_a_setting_is_saved_and_takes_effect_at_once(
    world: World, name: str, typed: str, kept: object
) -> None:
    running = await world.start()
    before = saved(world)
    status, leads_to, _ = await save(running, **{name: typed})
    assert status == 303
    assert leads_to.startswith(f"settings?saved={name}#")
    assert getattr(running.gateway.settings.options, name) == kept
    assert saved(world) == {**before, name: kept}
    text = (await page(running, f"/{leads_to}"))[1]
    assert "Saved." in text
    section = leads_to.partition("#")[2]
    assert opened(text) == {section}
    assert label_of(text, name).endswith("Saved")


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("refresh_buffer_minutes", "0"),
        ("refresh_buffer_minutes", "61"),
        ("refresh_buffer_minutes", "five"),
        ("poll_interval_seconds", "-1"),
        ("poll_interval_seconds", ""),
        ("email__smtp_port", "70000"),
        ("log_level", "shout"),
    ],
)
async def test_what_cannot_be_taken_is_said_at_the_field_and_stays_there(
    world: World, name: str, typed: str
) -> None:
    running = await world.start()
    before = saved(world)
    status, _, text = await save(running, **{name: typed})
    assert status == 200
    field = name.replace("__", "-")
    assert f'id="{field}-problem"' in text
    assert 'aria-invalid="true"' in text
    assert "Nothing was saved." in text
    if name != "log_level":
        assert f'id="{field}" value="{typed}"' in text
    assert saved(world) == before


async def test_all_of_a_form_is_saved_or_nothing(world: World) -> None:
    running = await world.start()
    before = saved(world)
    await save(running, refresh_buffer_minutes="30", renew_every_hours="1000")
    assert saved(world) == before


async def test_two_tabs_that_save_different_fields_do_not_disturb_each_other(
    world: World,
) -> None:
    running = await world.start()
    first = await shown(running)
    await save(running, poll_interval_seconds="25")
    form = {**first, "stale_after_seconds": "200", "poll_interval_seconds": "15"}
    assert (await submit(running, "/save-settings", "/settings", **form))[0] == 303
    options = running.gateway.settings.options
    assert (options.poll_interval_seconds, options.stale_after_seconds) == (25, 200)


async def test_two_tabs_that_change_the_same_field_are_told(world: World) -> None:
    running = await world.start()
    first = await shown(running)
    await save(running, poll_interval_seconds="60")
    form = {**first, "poll_interval_seconds": "20"}
    status, _, text = await submit(running, "/save-settings", "/settings", **form)
    assert status == 200
    assert "changed elsewhere to: 60. Save again to use your value." in words(text)
    assert running.gateway.settings.options.poll_interval_seconds == 60
    again = {name: unescape(value) for name, value in INPUT.findall(text)}
    form = {**again, "poll_interval_seconds": "20"}
    assert (await submit(running, "/save-settings", "/settings", **form))[0] == 303
    assert running.gateway.settings.options.poll_interval_seconds == 20


async def test_a_password_is_kept_when_left_empty_and_never_shown(world: World) -> None:
    running = await world.start(email=EMAIL)
    await save(running, email__sender="home@example.com", email__password="")
    assert saved(world)["email"] == {**EMAIL, "sender": "home@example.com"}
    assert PASSWORD not in await settings(running)
    _, _, text = await save(running, email__password="Another-one", email__smtp_port="0")
    assert "Another-one" not in text


async def test_e_mail_is_left_alone_when_nothing_in_it_changed(world: World) -> None:
    running = await world.start(email=EMAIL)
    await save(running, notify_home_assistant="off", email__password="")
    assert saved(world)["email"] == EMAIL


async def test_e_mail_that_is_switched_on_needs_a_server_and_somebody_to_write_to(
    running: Running,
) -> None:
    _, _, text = await save(running, email__enabled="on")
    assert 'id="email-smtp_host-problem"' in text
    assert 'id="email-recipients-problem"' in text


@pytest.mark.parametrize("between", [", ", ";", "\r\n", " ; ,\r\n", "\r\n\r\n "])
async def test_recipients_stand_on_lines_of_their_own_or_on_one(world: World, between: str) -> None:
    running = await world.start(email=EMAIL)
    await save(running, email__recipients=f"me@example.com{between}Jane <you@example.com>")
    assert saved(world)["email"]["recipients"] == ["me@example.com", "you@example.com"]
    assert running.gateway.settings.options.email.recipients == (
        "me@example.com",
        "you@example.com",
    )


@pytest.mark.parametrize("field", ["recipients", "sender"])
async def test_what_is_no_address_is_named_at_its_field(world: World, field: str) -> None:
    running = await world.start(email=EMAIL)
    before = saved(world)
    _, _, text = await save(running, **{f"email__{field}": "not an address"})
    assert (
        f'id="email-{field}-problem">&#34;not an address&#34; is not an email address: '
        "it needs exactly one @.</p>"
    ) in text
    assert "not an address</textarea>" in text or 'value="not an address"' in text
    assert saved(world) == before


async def test_e_mail_that_is_switched_on_needs_an_address_to_come_from(world: World) -> None:
    running = await world.start(email=EMAIL)
    _, _, text = await save(running, email__enabled="on", email__username="apikey")
    assert 'id="email-sender-problem"' in text
    status, _, _ = await save(running, email__enabled="on", email__username="me@example.com")
    assert status == 303


async def test_foreign_bytes_in_a_mail_servers_good_news_do_not_break_the_page(
    world: World,
) -> None:
    async with post_office("none") as post:
        post.mailbox.receipt = b"250 \xfcbernommen \x1b[31m\xff"
        email = {**asdict(post.options), "recipients": list(post.options.recipients)}
        running = await world.start(email=email)
        status, _, text = await submit(running, "/test-messages", "/settings")
        assert status == 200
        assert "Email: Sent. Accepted for 2 of 2: \ufffdbernommen [31m\ufffd" in words(text)
        _, answer = await running.post("/api/notify/test")
        assert answer["notifiers"]["email"]["delivered"] is True
        assert answer["notifiers"]["email"]["detail"].isprintable()
        await world.stop()


async def test_a_plugin_whose_file_has_an_odd_name_does_not_break_the_page(world: World) -> None:
    install(world, os.fsdecode(b"odd\xff.py"), "raise ValueError('\\udcff no')")
    running = await world.start()
    assert "odd?.py your own Failing since" in words(await settings(running))


async def test_what_the_environment_sets_cannot_be_changed_here(world: World) -> None:
    world.environment["REFRESH_BUFFER_MINUTES"] = "7"
    running = await world.start()
    text = await settings(running)
    field = text.partition('name="refresh_buffer_minutes"')[2].partition(">")[0]
    assert "disabled" in field
    assert 'value="7"' in field
    _, _, text = await submit(running, "/save-settings", "/settings", refresh_buffer_minutes="9")
    assert "is set by the environment" in text


async def test_a_test_message_says_what_each_notifier_did(world: World) -> None:
    running = await world.start(email={**EMAIL, "enabled": True, "smtp_host": "nowhere.invalid"})
    status, _, text = await submit(running, "/test-messages", "/settings")
    assert status == 200
    assert "Email: Not sent." in words(text)
    assert "Events in the log: Sent." in words(text)
    assert PASSWORD not in text


async def test_the_key_is_shown_only_when_somebody_asks_for_it(running: Running) -> None:
    key = running.gateway.store.state.api_key
    assert key not in await settings(running)
    assert key in (await submit(running, "/show-key", "/settings"))[2]
    assert (await page(running, "/show-key"))[0] == 405


async def test_a_replaced_key_opens_and_the_old_one_does_not(world: World) -> None:
    running = await world.start(trusted_networks=[])
    old = running.gateway.store.state.api_key
    stale = {"form_token": await form_token(running, "/settings")}
    assert (await submit(running, "/replace-key", "/settings"))[:2] == (
        303,
        "settings?done=key_replaced",
    )
    new = running.gateway.store.state.api_key
    assert len(new) >= 16
    assert new != old
    assert (await running.get(f"/k/{old}/api/devices"))[0] == 401
    assert (await running.get(f"/k/{new}/api/devices"))[0] == 200
    async with running.client.post(running.panel + "/show-key", data=stale) as response:
        assert response.status == 403
        assert new not in await response.text()


async def test_a_plugins_error_does_nothing_to_what_shows_it(world: World) -> None:
    install(world, "broken.py", r"raise ValueError('\x1b[2Ja\u202eb\u2028c\ud800d')")
    running = await world.start()
    plugin = running.gateway.hooks.plugins[-1]
    assert plugin.last_error
    assert plugin.last_error.isprintable()
    log = (world.data_dir / "gateway.log").read_text()
    for text in (await settings(running), log):
        assert not set("\x1b\u202e\u2028\ud800") & set(text)
