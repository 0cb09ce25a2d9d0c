"""The ntfy example against a small double of its server: what arrives, and what is said of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web

from tests.conftest import Running, World
from tests.plugins.installing import copy_example, folder_of, log_of
from tests.served import serving
from tests.steps import plugin
from utec_gateway.plugins.loader import PluginLoader

TOPIC = "front-door-9f2c51"
TOKEN = "tk_secret-of-the-topic"
RECEIPT = {"id": "4711", "time": 1767614400, "event": "message", "topic": TOPIC}
MINUTE = 60


@dataclass
class NtfyServer:
    """What a phone would show, and what the server answers."""

    url: str = ""
    answer: Any = field(default_factory=lambda: RECEIPT)
    status: int = 200
    works: asyncio.Event = field(default_factory=asyncio.Event)
    """Cleared while the server takes connections and says nothing."""
    messages: list[dict[str, Any]] = field(default_factory=list)
    authorization: list[str | None] = field(default_factory=list)

    async def publish(self, request: web.Request) -> web.Response:
        """Take a message that was published as JSON."""
        await self.works.wait()
        self.authorization.append(request.headers.get("Authorization"))
        self.messages.append(await request.json())
        if isinstance(self.answer, str):
            return web.Response(text=self.answer, status=self.status, content_type="text/html")
        return web.json_response(self.answer, status=self.status)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NtfyServer]:
    ntfy = NtfyServer()
    ntfy.works.set()
    app = web.Application()
    app.router.add_post("/", ntfy.publish)
    async with serving(app, shutdown_timeout=0) as ntfy.url:
        monkeypatch.setenv("NTFY_SERVER", ntfy.url)
        monkeypatch.setenv("NTFY_TOPIC", TOPIC)
        monkeypatch.setenv("NTFY_TOKEN", TOKEN)
        yield ntfy


async def installed(world: World) -> Running:
    copy_example(world, "ntfy.py")
    return await world.start()


async def tried_out(running: Running) -> tuple[bool, str]:
    """Send the test message and return what the API says of ntfy."""
    _, answer = await running.post("/api/notify/test")
    delivery = answer["notifiers"]["ntfy.py"]
    return delivery["delivered"], delivery["detail"]


async def test_news_is_pushed_once_and_its_end_once_and_quietly(
    world: World, server: NtfyServer
) -> None:
    running = await installed(world)
    world.cloud.faults.fail("/action")
    await world.clock.advance(60 * MINUTE)
    world.cloud.faults.clear()
    await world.clock.advance(60 * MINUTE)
    news, all_clear = server.messages
    assert "There has been no news of your locks since" in news.pop("message")
    assert news == {
        "topic": TOPIC,
        "title": "No news of your locks",
        "priority": 3,
        "tags": ["warning"],
    }
    assert all_clear == {
        "topic": TOPIC,
        "title": "Over: No news of your locks",
        "message": 'The message "No news of your locks" no longer applies.',
        "priority": 2,
        "tags": ["white_check_mark"],
    }
    assert server.authorization == [f"Bearer {TOKEN}"] * 2
    assert await plugin(running, "ntfy.py") == {
        "name": "ntfy.py",
        "origin": "ntfy.py",
        "hooks": ["gateway_dismiss", "gateway_notify"],
        "is_failing": False,
        "last_error": None,
        "failed_at": None,
    }


@pytest.mark.parametrize(("urgency", "priority"), [(0, 3), (1, 4), (2, 5), (7, 5)])
async def test_what_is_more_urgent_rings_louder(
    world: World, server: NtfyServer, urgency: int, priority: int
) -> None:
    running = await installed(world)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.", urgency)
    await world.clock.settle()
    assert [message["priority"] for message in server.messages] == [priority]


@pytest.mark.parametrize(
    ("home", "begins"),
    [
        (None, "homeassistant://navigate"),
        ("https://home.example.com/", "https://home.example.com"),
    ],
)
async def test_the_message_opens_the_gateways_page_where_it_is_known(
    world: World,
    server: NtfyServer,
    monkeypatch: pytest.MonkeyPatch,
    home: str | None,
    begins: str,
) -> None:
    if home:
        monkeypatch.setenv("NTFY_HOME_ASSISTANT", home)
    running = await world.start()
    copy_example(world, "ntfy.py")
    context = replace(running.gateway._context, panel_link=lambda: "/app/local_utec_gateway")
    await PluginLoader(running.gateway._registry, context).load(folder_of(world), ())
    assert await tried_out(running) == (True, "Accepted by the ntfy server")
    url = f"{begins}/app/local_utec_gateway"
    assert server.messages[0]["click"] == url
    assert server.messages[0]["actions"] == [
        {"action": "view", "label": "Open the gateway", "url": url}
    ]


async def test_without_a_token_none_is_sent(
    world: World, server: NtfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NTFY_TOKEN")
    assert (await tried_out(await installed(world)))[0]
    assert server.authorization == [None]


@pytest.mark.parametrize("status", [429, 500, 503, 507])
async def test_a_failure_that_may_pass_is_tried_again_until_it_has(
    world: World, server: NtfyServer, status: int
) -> None:
    running = await installed(world)
    server.status, server.answer = status, {"code": 1, "http": status, "error": "slow down"}
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.settle()
    assert len(server.messages) == 1
    server.status, server.answer = 200, RECEIPT
    await world.clock.advance(5 * MINUTE)
    assert len(server.messages) == 2
    assert not (await plugin(running, "ntfy.py"))["is_failing"]


@pytest.mark.parametrize(
    ("status", "answer", "said"),
    [
        (403, {"code": 40301, "http": 403, "error": "forbidden"}, "(403 forbidden)"),
        (400, {"code": 40009, "error": "topic invalid"}, "(400 topic invalid)"),
        (302, "<a>elsewhere</a>", "(302 without a reason)"),
        (200, "<h1>Welcome to the hotel</h1>", "(200 without a reason)"),
        (200, ["message"], "(200 without a reason)"),
    ],
)
async def test_a_refusal_is_said_in_the_servers_words_and_tried_again_in_an_hour(
    world: World, server: NtfyServer, status: int, answer: Any, said: str
) -> None:
    running = await installed(world)
    server.status, server.answer = status, answer
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(59 * MINUTE)
    assert len(server.messages) == 1
    await world.clock.advance(2 * MINUTE)
    assert len(server.messages) == 2
    shown = await plugin(running, "ntfy.py")
    assert shown["is_failing"]
    assert shown["last_error"].startswith(f"The ntfy server did not take the message {said}")


async def test_a_server_that_hangs_is_given_up_and_tried_again(
    world: World, server: NtfyServer
) -> None:
    running = await installed(world)
    server.works.clear()
    asking = asyncio.create_task(running.post("/api/notify/test"))
    await world.clock.advance(21)
    _, answer = await asking
    detail = answer["notifiers"]["ntfy.py"]["detail"]
    assert detail == "The ntfy server does not answer in time"
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.advance(21)
    server.works.set()
    await world.clock.advance(5 * MINUTE)
    assert "Trouble" in [message["title"] for message in server.messages]
    assert not (await plugin(running, "ntfy.py"))["is_failing"]


@pytest.mark.parametrize(
    ("where", "said", "tries_again"),
    [
        ("http://127.0.0.1:1", "The ntfy server cannot be reached", True),
        ("ntfy.example.com", "SERVER must be an address such as https://ntfy.sh", False),
    ],
)
async def test_a_server_that_is_not_there_is_said_and_soon_tried_again_unlike_a_typing_error(
    world: World,
    server: NtfyServer,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
    said: str,
    *,
    tries_again: bool,
) -> None:
    monkeypatch.setenv("NTFY_SERVER", where)
    running = await installed(world)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.settle()
    assert (await plugin(running, "ntfy.py"))["is_failing"]
    assert running.gateway.outbox.due_in() == (MINUTE if tries_again else 60 * MINUTE)
    delivered, detail = await tried_out(running)
    assert not delivered
    assert detail.startswith(said)
    assert server.messages == []


async def test_tls_with_a_server_that_speaks_none_is_for_good(
    world: World, server: NtfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NTFY_SERVER", server.url.replace("http:", "https:"))
    running = await installed(world)
    running.gateway.tracker.raise_issue("trouble", "Trouble", "It is bad.")
    await world.clock.settle()
    assert (await plugin(running, "ntfy.py"))["last_error"].startswith(
        "The ntfy server cannot be reached"
    )
    assert server.messages == []


async def test_without_a_topic_the_file_says_what_to_write_into_it(
    world: World, server: NtfyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NTFY_TOPIC")
    running = await installed(world)
    shown = await plugin(running, "ntfy.py")
    assert shown["is_failing"]
    assert shown["last_error"] == "TOPIC: write the name of your ntfy topic into ntfy.py"
    assert server.messages == []


async def test_neither_the_token_nor_the_topic_is_ever_told(
    world: World, server: NtfyServer
) -> None:
    running = await installed(world)
    told = [str(await tried_out(running))]
    for server.status, server.answer in ((401, {"error": "unauthorized"}), (500, "oh")):
        told += [str(await tried_out(running)), str(await plugin(running, "ntfy.py"))]
    told.append(log_of(world))
    assert len(server.messages) == 3
    assert not [text for text in told if TOKEN in text or TOPIC in text]
