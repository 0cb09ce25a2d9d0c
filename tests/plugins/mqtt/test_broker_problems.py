"""A broker that refuses, denies, or cannot be trusted: said once, and over when it is mended."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest
from aiohttp import web

from tests.broker import Broker, running_broker
from tests.browser.leaping_clock import LeapingClock
from tests.conftest import TOKEN
from tests.plugins.mqtt.house import House
from tests.served import Served
from utec_gateway.plugin_api import BrokerState
from utec_gateway.simulator.cloud import SimulatedCloud

USER, PASSWORD = "gateway", "the password of the broker"
VERSIONS = ["3.1.1", "5"]
paho_forgets_a_socket = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""When TLS fails, it leaves its socket to the garbage collector."""


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_wrong_password_is_said_once_and_mended_while_the_gateway_runs(
    house: House, version: str
) -> None:
    await house.broker.set_password(USER, PASSWORD)
    await house.broker.restart()
    house.mqtt |= {"version": version, "username": USER, "password": "a wrong secret"}
    await house.start()
    await house.until_state(BrokerState.REFUSED)
    assert "check user name and password" in house.problem
    for _ in range(5):
        house.clock.leap(60)
        await asyncio.sleep(0.05)  # noqa: TID251 - the broker refuses in real time
    assert len(await house.until_logged("refuses the login", "tries again")) == 1
    await house.change(password=PASSWORD)
    await house.until_state(BrokerState.CONNECTED)
    assert house.problem == ""
    log = (house.folder / "gateway.log").read_text()
    assert PASSWORD not in log
    assert "a wrong secret" not in log


async def test_a_password_that_is_changed_while_we_are_connected_is_refused_and_found(
    house: House,
) -> None:
    await house.broker.set_password(USER, PASSWORD)
    await house.broker.restart()
    house.mqtt |= {"username": USER, "password": PASSWORD}
    await house.connected()
    await house.broker.set_password(USER, "another")
    await house.until_state(BrokerState.REFUSED, leaping=1)
    await house.broker.set_password(USER, PASSWORD)
    await house.until_state(BrokerState.CONNECTED, leaping=5)


class SupervisorDouble:
    """Knows the broker, and a password that changes when the broker is installed anew."""

    def __init__(self, broker: Broker) -> None:
        self.service: dict[str, object] | None = {
            "host": broker.host,
            "port": broker.port,
            "ssl": False,
            "username": "addons",
            "password": "the first one",
            "protocol": "3.1.1",
        }
        self.asked = 0
        app = web.Application()
        app.router.add_get("/services/mqtt", self._mqtt)
        self.served = Served(app)

    async def _mqtt(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        self.asked += 1
        if self.service is None:
            return web.json_response(
                {"result": "error", "message": "Service not enabled"}, status=400
            )
        return web.json_response({"result": "ok", "data": self.service})


@pytest.fixture
async def supervisor(house: House) -> AsyncIterator[SupervisorDouble]:
    double = SupervisorDouble(house.broker)
    await double.served.open()
    house.supervisor = double.served.url
    house.mqtt.clear()
    yield double
    await house.stop()
    await double.served.close()


async def test_with_a_supervisor_no_setting_is_needed(
    house: House, supervisor: SupervisorDouble
) -> None:
    await house.broker.set_password("addons", "the first one")
    await house.broker.restart()
    await house.connected()
    assert supervisor.asked == 1
    log = (house.folder / "gateway.log").read_text()
    assert "the first one" not in log


async def test_the_supervisor_is_asked_again_when_its_password_is_refused(
    house: House, supervisor: SupervisorDouble
) -> None:
    await house.broker.set_password("addons", "the first one")
    await house.broker.restart()
    await house.connected()
    await house.broker.set_password("addons", "the second one")
    await house.until_state(BrokerState.REFUSED, leaping=1)
    assert "install its app again or restart it" in house.problem
    assert supervisor.service
    supervisor.service["password"] = "the second one"
    await house.until_state(BrokerState.CONNECTED, leaping=5)


async def test_a_broker_that_is_installed_later_is_found(
    house: House, supervisor: SupervisorDouble
) -> None:
    await house.broker.set_password("addons", "the first one")
    await house.broker.restart()
    service, supervisor.service = supervisor.service, None
    await house.start()
    await house.until_state(BrokerState.MISSING)
    supervisor.service = service
    await house.until_state(BrokerState.CONNECTED, leaping=5)


@pytest.mark.parametrize(
    "service", [{}, {"host": 1, "port": "x"}, {"host": "127.0.0.1", "port": 0}, []]
)
async def test_an_odd_answer_of_the_supervisor_stops_nothing(
    house: House, supervisor: SupervisorDouble, service: dict[str, object]
) -> None:
    await house.broker.set_password("addons", "the first one")
    await house.broker.restart()
    right, supervisor.service = supervisor.service, service
    await house.start()
    await house.until_state(BrokerState.UNREACHABLE, leaping=1)
    supervisor.service = right
    await house.until_state(BrokerState.CONNECTED, leaping=5)


async def test_without_a_supervisor_and_a_host_there_is_no_broker_and_no_complaint(
    house: House,
) -> None:
    house.mqtt.clear()
    await house.start()
    await house.until_state(BrokerState.MISSING)
    assert house.problem == ""


@pytest.fixture
async def encrypted(
    cloud: SimulatedCloud,
    clock: LeapingClock,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    async with running_broker(tmp_path_factory.mktemp("encrypted"), tls=True) as broker:
        mqtt = {"host": broker.host, "port": broker.port, "encryption": "tls"}
        built = House(broker, cloud, clock, tmp_path, mqtt)
        yield built
        await built.stop()


async def test_tls_with_our_authority_connects(encrypted: House) -> None:
    encrypted.mqtt["ca_certificate"] = str(encrypted.broker.ca_certificate)
    await encrypted.connected()
    assert (await encrypted.broker.retained())[encrypted.bridge] == "online"


@paho_forgets_a_socket
async def test_tls_with_an_unknown_certificate_says_what_to_do(encrypted: House) -> None:
    await encrypted.start()
    await encrypted.until_state(BrokerState.UNREACHABLE)
    assert "certificate" in encrypted.problem
    assert "set ca_certificate" in encrypted.problem
    await encrypted.change(ca_certificate=str(encrypted.broker.ca_certificate))
    await encrypted.until_state(BrokerState.CONNECTED, leaping=1)


@paho_forgets_a_socket
async def test_a_ca_certificate_that_is_not_there_or_none_is_said(encrypted: House) -> None:
    encrypted.mqtt["ca_certificate"] = str(encrypted.folder / "nowhere.pem")
    await encrypted.start()
    await encrypted.until_state(BrokerState.UNREACHABLE)
    assert "no file at ca_certificate" in encrypted.problem
    rubbish = encrypted.folder / "rubbish.pem"
    rubbish.write_text("this is no certificate")
    await encrypted.change(ca_certificate=str(rubbish))
    await encrypted.broker.until(lambda _: "no file" not in encrypted.problem)
    assert encrypted.state is BrokerState.UNREACHABLE
    assert encrypted.problem


@paho_forgets_a_socket
async def test_tls_to_a_broker_without_it_says_so(house: House) -> None:
    house.mqtt["encryption"] = "tls"
    await house.start()
    await house.until_state(BrokerState.UNREACHABLE)
    assert "TLS" in house.problem or "does not answer" in house.problem


async def test_a_host_that_does_not_exist_is_said(house: House) -> None:
    house.mqtt["host"] = "no-such-broker.invalid"
    await house.start()
    await house.until_state(BrokerState.UNREACHABLE)
    assert "check the host" in house.problem


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "rules",
    [
        ("read #",),
        ("write #",),
        ("readwrite utec_gateway/#",),
        ("readwrite homeassistant/#",),
        ("readwrite #", "deny homeassistant/device/#"),
    ],
)
async def test_a_broker_that_does_not_allow_what_we_need_is_said(
    house: House, version: str, rules: tuple[str, ...]
) -> None:
    house.mqtt["version"] = version
    await house.broker.allow_only(*rules)
    await house.start()
    await house.until_state(BrokerState.DENIED, leaping=0.3)
    assert "allowed to read and write below" in house.problem or "let" in house.problem
    assert "homeassistant" in house.problem
    assert (await house.get("/health"))[0] == 200
    await house.broker.allow_only("readwrite #")
    await house.until_state(BrokerState.CONNECTED, leaping=0.5)


async def test_a_permission_that_is_taken_away_is_not_covered_up_by_what_was_retained(
    house: House,
) -> None:
    await house.connected()
    await house.broker.allow_only("read #")
    await house.stop()
    await house.broker.publish(house.bridge, "online", retain=True, qos=1)
    await house.start()
    await house.until_state(BrokerState.DENIED, leaping=0.3)


async def test_a_broker_that_takes_no_long_messages_is_said(
    cloud: SimulatedCloud,
    clock: LeapingClock,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    limits = {"message_size_limit": 1000}
    async with running_broker(tmp_path_factory.mktemp("small"), limits=limits) as broker:
        house = House(broker, cloud, clock, tmp_path, {"host": broker.host, "port": broker.port})
        await house.start()
        await house.until_state(BrokerState.DENIED, leaping=0.3)
        assert (await house.get("/health"))[0] == 200
        await house.stop()


async def test_a_broker_that_is_full_is_said_and_tried_again(
    cloud: SimulatedCloud,
    clock: LeapingClock,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    limits = {"max_connections": 1}
    folder = tmp_path_factory.mktemp("full")
    async with running_broker(folder, limits=limits) as broker:
        house = House(broker, cloud, clock, tmp_path, {"host": broker.host, "port": broker.port})
        async with aiomqtt.Client(broker.host, broker.port):
            await house.start()
            await house.until_state(BrokerState.UNREACHABLE)
            assert (await house.get("/health"))[0] == 200
        await house.until_state(BrokerState.CONNECTED, leaping=1)
        await house.stop()
