import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.conftest import TOKEN, World
from tests.served import Served

SLUG, HOSTNAME = "abcd1234_utec_gateway", "abcd1234-utec-gateway"


class FakeSupervisor:
    """The calls that we make, with the Supervisor's envelope and its ways of saying no."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {"client_secret": "!secret utec", "log_level": "info"}
        self.has_machine = True
        self.sent: list[dict[str, Any]] = []
        self._refusal: tuple[int, str, str] | None = None
        app = web.Application()
        app.router.add_get("/addons/self/info", self.info)
        app.router.add_get("/info", self.machine)
        app.router.add_post("/addons/self/options", self.save)
        self.served = Served(app)

    async def info(self, request: web.Request) -> web.Response:
        return self._refuse(request) or web.json_response(
            {
                "result": "ok",
                "data": {"slug": SLUG, "hostname": HOSTNAME, "options": self.options},
            }
        )

    async def machine(self, request: web.Request) -> web.Response:
        if not self.has_machine:
            return web.Response(status=403, text="403: Forbidden")
        return self._refuse(request) or web.json_response(
            {"result": "ok", "data": {"hostname": "Homeassistant"}}
        )

    async def save(self, request: web.Request) -> web.Response:
        if refusal := self._refuse(request):
            return refusal
        self.sent.append(await request.json())
        self.options = self.sent[-1]["options"]
        return web.json_response({"result": "ok", "data": {}})

    def refuse(self, status: int, body: str, content_type: str = "text/plain") -> None:
        self._refusal = (status, body, content_type)

    def _refuse(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401, text="401: Unauthorized")
        if self._refusal is None:
            return None
        status, body, content_type = self._refusal
        return web.Response(status=status, text=body, content_type=content_type)

    def relent(self) -> None:
        self._refusal = None


@pytest.fixture
async def supervisor(world: World) -> AsyncIterator[FakeSupervisor]:
    fake = FakeSupervisor()
    await fake.served.open()
    world.supervisor = fake.served.url
    yield fake
    await world.stop()
    await fake.served.close()


NO = json.dumps({"result": "error", "message": "Invalid option", "error_key": "app_configuration"})
REFUSALS = [
    pytest.param(400, "System is not ready with state: startup", "text/plain", 503, id="starting"),
    pytest.param(401, "401: Unauthorized", "text/plain", 503, id="no token"),
    pytest.param(403, "403: Forbidden", "text/plain", 503, id="wrong role"),
    pytest.param(502, "502: Bad Gateway", "text/plain", 503, id="gone"),
    pytest.param(200, "<html>", "text/html", 503, id="a web page"),
    pytest.param(400, NO, "application/json", 400, id="it says no"),
]


async def test_a_change_reaches_the_configuration_tab_and_leaves_the_rest_alone(
    world: World, supervisor: FakeSupervisor
) -> None:
    running = await world.start()
    status, _ = await running.post("/api/config", {"refresh_buffer_minutes": 30})
    assert status == 200
    assert supervisor.sent == [
        {
            "options": {
                "client_secret": "!secret utec",
                "log_level": "info",
                "refresh_buffer_minutes": 30,
            }
        }
    ]
    assert running.gateway.settings.options.refresh_buffer_minutes == 30


async def test_a_part_of_a_group_leaves_the_rest_of_it_alone(
    world: World, supervisor: FakeSupervisor
) -> None:
    supervisor.options["email"] = {"smtp_host": "mail.example", "password": "!secret mail"}
    running = await world.start(email={"smtp_host": "mail.example", "password": "resolved"})
    assert (await running.post("/api/config", {"email": {"enabled": True}}))[0] == 200
    kept = {"smtp_host": "mail.example", "password": "!secret mail", "enabled": True}
    assert supervisor.sent[-1]["options"]["email"] == kept
    assert running.gateway.settings.options.email.password == "resolved"


@pytest.mark.parametrize(("status", "body", "content_type", "answered"), REFUSALS)
async def test_a_change_that_home_assistant_does_not_take_is_not_half_applied(
    status: int,
    body: str,
    content_type: str,
    answered: int,
    world: World,
    supervisor: FakeSupervisor,
) -> None:
    running = await world.start()
    supervisor.refuse(status, body, content_type)
    got, answer = await running.post("/api/config", {"refresh_buffer_minutes": 30})
    assert got == answered
    assert "Home Assistant" in answer["detail"]
    assert TOKEN not in json.dumps(answer)
    assert running.gateway.settings.options.refresh_buffer_minutes == 5


async def test_home_assistants_no_does_not_repeat_our_secret(
    world: World, supervisor: FakeSupervisor
) -> None:
    running = await world.start()
    secret = world.cloud.client_secret
    message = f"invalid url. Got {{'client_secret': '{secret}'}}"
    supervisor.refuse(400, json.dumps({"result": "error", "message": message}), "application/json")
    status, answer = await running.post("/api/config", {"max_retries": 1})
    assert (status, answer["detail"]) == (400, "Home Assistant refused: invalid url.")
    assert secret not in (world.data_dir / "gateway.log").read_text()


async def test_a_supervisor_with_much_to_say_is_heard_to_the_end(
    world: World, supervisor: FakeSupervisor
) -> None:
    supervisor.options["long_description"] = "x" * 300_000
    running = await world.start()
    assert (await running.post("/api/config", {"max_retries": 1}))[0] == 200


async def test_a_supervisor_that_is_absent_costs_the_change_and_nothing_else(
    world: World, supervisor: FakeSupervisor
) -> None:
    await supervisor.served.close()
    running = await world.start()
    assert (await running.post("/api/config", {"max_retries": 1}))[0] == 503
    assert (await running.get("/health"))[1]["health"] == "healthy"


async def test_the_address_to_type_and_the_link_to_the_panel_are_our_own(
    world: World, supervisor: FakeSupervisor
) -> None:
    running = await world.start()
    assert (await running.get("/api/config"))[1]["integration_address"] == (
        f"http://{HOSTNAME}:8000"
    )
    assert running.gateway.home.identity.panel_link == f"/app/{SLUG}"
    assert supervisor.sent == []


@pytest.mark.usefixtures("supervisor")
@pytest.mark.parametrize(
    "name",
    [
        HOSTNAME,
        f"{HOSTNAME}.local.hass.io",
        f"addon_{SLUG}",
        f"app_{SLUG}",
        "homeassistant",
        "homeassistant.local",
    ],
)
async def test_home_assistant_may_use_every_name_that_it_knows_us_by(
    world: World, name: str
) -> None:
    running = await world.start()
    await running.clock.advance(1)
    status, _ = await running.get("/api/devices", headers={"Host": f"{name}:8000"})
    assert status == 200


async def test_a_supervisor_that_keeps_the_machines_name_to_itself_costs_that_name(
    supervisor: FakeSupervisor, world: World
) -> None:
    supervisor.has_machine = False
    running = await world.start()
    await running.clock.advance(1)
    assert (await running.get("/api/devices", headers={"Host": HOSTNAME}))[0] == 200
    assert (await running.get("/api/devices", headers={"Host": "homeassistant.local"}))[0] == 403


async def test_the_address_is_learnt_later_when_the_supervisor_is_still_starting(
    world: World, supervisor: FakeSupervisor
) -> None:
    supervisor.refuse(400, "System is not ready with state: startup")
    running = await world.start()
    assert running.gateway.home.identity.integration_address is None
    supervisor.relent()
    await world.clock.advance(61)
    assert running.gateway.home.identity.integration_address == f"http://{HOSTNAME}:8000"


async def test_without_a_supervisor_nobody_is_asked(world: World) -> None:
    running = await world.start()
    assert running.gateway.home.identity.due_in() == float("inf")
    assert (await running.get("/api/config"))[1]["integration_address"] is None
