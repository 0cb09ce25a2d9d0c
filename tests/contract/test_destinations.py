"""A secret follows no changed destination: it is given again, or stays where it was."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import Running, World, address
from tests.steps import is_error, on_disk
from tests.web.panel.asking import submit
from utec_gateway.simulator.cloud import SimulatedCloud

PASSWORD = "Mailbox-password-nobody-sees"
EMAIL: dict[str, Any] = {
    "enabled": False,
    "smtp_host": "mail.example.com",
    "smtp_port": 587,
    "encryption": "starttls",
    "username": "somebody",
    "password": PASSWORD,
    "sender": "home@example.com",
    "recipients": ["me@example.com"],
}
ELSEWHERE = [("smtp_host", "mail.evil.example"), ("smtp_port", 25), ("encryption", "none")]
ADDRESSES = [
    ("oauth_base_url", "https://evil.example"),
    ("api_base_url", "https://evil.example"),
    ("base_url", "https://evil.example"),
    ("action_path", "/evil"),
]


class Stranger:
    """Hears everything that is sent to it, and answers nothing useful."""

    def __init__(self) -> None:
        self.url = ""
        self.heard = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard += (await reader.read(65536)).decode("latin-1")
        writer.write(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()


@pytest.fixture
async def stranger() -> AsyncIterator[Stranger]:
    stranger = Stranger()
    server = await asyncio.start_server(stranger.answer, "127.0.0.1", 0)
    stranger.url = address(server.sockets[0])
    yield stranger
    server.close()


def secrets_of(running: Running) -> dict[str, str]:
    """Return what must not reach a stranger, as it is now."""
    token = running.gateway.store.state.token
    assert token
    assert token.refresh_token
    secret = running.gateway.settings.options.client_secret
    return {"access": token.access_token, "refresh": token.refresh_token, "secret": secret}


def heard_by(stranger: Stranger, secrets: dict[str, str]) -> set[str]:
    return {name for name, secret in secrets.items() if secret in stranger.heard}


async def move(running: Running, **typed: str) -> tuple[int, str, str]:
    """Save the form for the day U-tec moves."""
    return await submit(running, "/save-settings", "/settings", **typed)


async def let_it_ask(running: Running) -> None:
    """Have the gateway ask U-tec for everything that it ever asks for."""
    await running.clock.advance(120)
    for path in ("/api/oauth/refresh", "/api/status/refresh"):
        asked = asyncio.ensure_future(running.post(path))
        await running.clock.until(asked.done, 300)
        await asked


@pytest.mark.parametrize(("name", "value"), ELSEWHERE)
@pytest.mark.parametrize("stars", [{}, {"password": "***"}], ids=["left out", "masked"])
async def test_the_mail_password_does_not_follow_the_mail_server(
    world: World, name: str, value: Any, stars: dict[str, str]
) -> None:
    running = await world.start(email=EMAIL)
    answer = await running.post("/api/config", {"email": {name: value, **stars}})
    assert is_error(answer, 400, "invalid_option")
    assert "email.password" in answer[1]["detail"]
    assert f"email.{name}" in answer[1]["detail"]
    assert on_disk(world, "options.json")["email"] == EMAIL
    assert running.gateway.settings.options.email.smtp_host == EMAIL["smtp_host"]


@pytest.mark.parametrize(("name", "value"), ELSEWHERE)
@pytest.mark.parametrize("password", ["another", PASSWORD, ""])
async def test_a_mail_password_that_is_given_again_goes_along(
    world: World, name: str, value: Any, password: str
) -> None:
    running = await world.start(email=EMAIL)
    body = {"email": {name: value, "password": password}}
    assert (await running.post("/api/config", body))[0] == 200
    assert on_disk(world, "options.json")["email"] == {**EMAIL, name: value, "password": password}


@pytest.mark.parametrize(
    ("name", "value"), [("host", "evil.example"), ("port", 1884), ("encryption", "tls")]
)
async def test_the_brokers_password_does_not_follow_the_broker(
    world: World, name: str, value: Any
) -> None:
    mqtt = {"mode": "disabled", "host": "broker.lan", "password": PASSWORD}
    running = await world.start(mqtt=mqtt)
    answer = await running.post("/api/config", {"mqtt": {name: value, "password": "***"}})
    assert is_error(answer, 400, "invalid_option")
    assert "mqtt.password" in answer[1]["detail"]
    assert f"mqtt.{name}" in answer[1]["detail"]
    assert on_disk(world, "options.json")["mqtt"] == mqtt
    shown = (await running.get("/api/config"))[1]["mqtt"]
    assert (shown["password"], shown["host"]) == ("***", "broker.lan")
    again = {"mqtt": {name: value, "password": "another"}}
    assert (await running.post("/api/config", again))[0] == 200


async def test_a_mail_server_is_taken_away_without_its_password_and_set_only_with_it(
    world: World,
) -> None:
    running = await world.start(email=EMAIL)
    assert (await running.post("/api/config", {"email": {"smtp_host": ""}}))[0] == 200
    answer = await running.post("/api/config", {"email": {"smtp_host": "mail.evil.example"}})
    assert is_error(answer, 400, "invalid_option")


@pytest.mark.parametrize(("name", "value"), ADDRESSES)
@pytest.mark.parametrize("secret", [{}, {"secret_key": "sim-secret"}])
async def test_the_addresses_of_utec_change_in_the_panel_only(
    world: World, name: str, value: str, secret: dict[str, str]
) -> None:
    running = await world.start()
    before = on_disk(world, "options.json")
    answer = await running.post("/api/config", {name: value, "max_retries": 5, **secret})
    assert is_error(answer, 400, "invalid_option")
    assert name in answer[1]["detail"]
    assert "panel" in answer[1]["detail"]
    assert on_disk(world, "options.json") == before


async def test_what_was_read_can_be_sent_back_as_a_whole(world: World) -> None:
    running = await world.start(email=EMAIL)
    before = running.gateway.settings.options
    _, shown = await running.get("/api/config")
    status, answer = await running.post("/api/config", shown)
    assert (status, answer) == (200, {"status": "ok", **shown})
    assert running.gateway.settings.options == before
    slash = {"api_base_url": f"{before.api_base_url}/", "scope": "more"}
    assert (await running.post("/api/config", slash))[0] == 200
    assert running.gateway.settings.options == replace(before, scope="more")


@pytest.mark.parametrize("name", ["oauth_base_url", "api_base_url"])
async def test_utec_does_not_move_while_the_secret_is_not_typed_again(
    running: Running, world: World, stranger: Stranger, name: str
) -> None:
    before, secrets = on_disk(world, "options.json"), secrets_of(running)
    status, _, text = await move(running, **{name: stranger.url, "client_secret": ""})
    assert status == 200
    assert 'id="client_secret-problem"' in text
    assert '<details class="setting" id="moving" open>' in text
    assert f'value="{stranger.url}"' in text
    assert on_disk(world, "options.json") == before
    await let_it_ask(running)
    assert heard_by(stranger, secrets) == set()
    assert stranger.heard == ""


async def test_utec_moves_with_its_sign_in_once_the_secret_is_typed_again(
    running: Running, world: World, stranger: Stranger
) -> None:
    secrets = secrets_of(running)
    status, leads_to, _ = await move(
        running,
        oauth_base_url=stranger.url,
        api_base_url=stranger.url,
        client_secret=secrets["secret"],
    )
    saved = "oauth_base_url,api_base_url,client_secret"
    assert (status, leads_to) == (303, f"settings?saved={saved}#moving")
    assert on_disk(world, "options.json")["oauth_base_url"] == stranger.url
    await let_it_ask(running)
    assert heard_by(stranger, secrets) == {"access", "refresh", "secret"}


async def test_a_sign_in_stays_behind_when_another_secret_is_typed(
    running: Running, world: World, stranger: Stranger
) -> None:
    secrets, utec = secrets_of(running), running.gateway.settings.options.oauth_base_url
    there = {"oauth_base_url": stranger.url, "api_base_url": stranger.url}
    assert (await move(running, **there, client_secret="another-secret"))[0] == 303
    await let_it_ask(running)
    assert is_error(await running.post("/api/oauth/refresh"), 401, "reauth_required")
    assert heard_by(stranger, secrets) == set()
    await world.stop()
    async with world.as_it_is() as again:
        await let_it_ask(again)
        assert heard_by(stranger, secrets) == set()
        back = {"oauth_base_url": utec, "api_base_url": utec}
        assert (await move(again, **back, client_secret=secrets["secret"]))[0] == 303
        assert (await again.get("/health"))[1]["token_valid"] is True
        assert (await again.post("/api/oauth/refresh"))[0] == 200
    assert heard_by(stranger, secrets) == set()


async def test_a_sign_in_of_an_older_version_stays_behind_too(
    running: Running, world: World, stranger: Stranger
) -> None:
    secrets = secrets_of(running)
    await world.stop()
    state = on_disk(world)
    del state["token"]["origin"]
    (world.data_dir / "state.json").write_text(json.dumps(state))
    again = await world.start(sign_in=False)
    there = {"oauth_base_url": stranger.url, "api_base_url": stranger.url}
    assert (await move(again, **there, client_secret="another-secret"))[0] == 303
    await let_it_ask(again)
    assert heard_by(stranger, secrets) == set()


async def test_a_secret_that_was_replaced_first_takes_no_sign_in_along(
    running: Running, stranger: Stranger
) -> None:
    secrets = secrets_of(running)
    assert (await running.post("/api/config", {"secret_key": "planted"}))[0] == 200
    there = {"oauth_base_url": stranger.url, "api_base_url": stranger.url}
    assert (await move(running, **there, client_secret="planted"))[0] == 303
    await let_it_ask(running)
    assert heard_by(stranger, secrets) == set()


async def test_a_renewal_that_is_tried_again_does_not_follow_a_move(
    running: Running, cloud: SimulatedCloud, stranger: Stranger
) -> None:
    secrets = secrets_of(running)
    cloud.faults.fail("/token")
    cloud.faults.fail("/action")
    renewal = asyncio.ensure_future(running.post("/api/oauth/refresh"))
    look = asyncio.ensure_future(running.post("/api/status/refresh"))
    await running.clock.settle()
    assert not renewal.done()
    there = {"oauth_base_url": stranger.url, "api_base_url": stranger.url}
    assert (await move(running, **there, client_secret="another-secret"))[0] == 303
    await running.clock.until(lambda: renewal.done() and look.done(), 300)
    await asyncio.gather(renewal, look)
    assert heard_by(stranger, secrets) == set()


async def test_an_owner_who_types_all_options_anew_is_believed(
    running: Running, world: World, stranger: Stranger
) -> None:
    secrets = secrets_of(running)
    await world.stop()
    again = await world.start(sign_in=False, oauth_base_url=stranger.url)
    await let_it_ask(again)
    assert "refresh" in heard_by(stranger, secrets)


# A group is changed in part


@pytest.mark.parametrize(
    ("part", "after"),
    [
        ({"enabled": True}, {**EMAIL, "enabled": True}),
        ({"recipients": ["you@example.com"]}, {**EMAIL, "recipients": ["you@example.com"]}),
        ({"password": "another"}, {**EMAIL, "password": "another"}),
        ({"password": "***", "sender": "a@b.c"}, {**EMAIL, "sender": "a@b.c"}),
        ({}, EMAIL),
    ],
)
async def test_what_a_partial_group_does_not_name_stays(
    world: World, part: dict[str, Any], after: dict[str, Any]
) -> None:
    running = await world.start(email=EMAIL)
    status, answer = await running.post("/api/config", {"email": part})
    assert status == 200
    assert answer["email"] == {**after, "password": "***"}
    assert on_disk(world, "options.json")["email"] == after
    await world.stop()
    async with world.as_it_is() as again:
        assert (await again.get("/api/config"))[1]["email"] == answer["email"]


@pytest.mark.parametrize(
    ("email", "field"),
    [
        ({"foo": 1, "enabled": True}, "email.foo"),
        ({"smtp_port": 0}, "email.smtp_port"),
        ({"smtp_host": None}, "email.smtp_host"),
        ({"password": None}, "email.password"),
        (None, "email"),
        ([], "email"),
        ("***", "email"),
    ],
)
async def test_what_is_wrong_in_a_group_is_named_and_nothing_is_half_applied(
    world: World, email: Any, field: str
) -> None:
    running = await world.start(email=EMAIL)
    status, answer = await running.post("/api/config", {"email": email, "max_retries": 5})
    assert is_error((status, answer), 400, "invalid_option")
    assert answer["detail"].startswith(f"{field}: ")
    assert on_disk(world, "options.json")["email"] == EMAIL
    assert running.gateway.settings.options.max_retries == 2
