from urllib.parse import parse_qs, urlsplit

import pytest

from tests.conftest import LOCK, Running, World
from tests.steps import bearer, is_error, on_disk
from utec_gateway.auth.sign_in import MOST_STATES
from utec_gateway.simulator.cloud import SimulatedCloud

AUTHORIZE = "/api/oauth/authorize-url"
FOREIGN = ["https://evil.example", "http://evil.example:8000", "null", "http://127.0.0.1:1"]
CHANGES = [
    ("/api/unlock", {"id": LOCK}),
    ("/lock", {"id": LOCK}),
    ("/api/config", {"scope": "evil"}),
    ("/api/oauth/refresh", None),
    ("/api/oauth/exchange", {"code": "evil"}),
    ("/api/status/refresh", None),
    ("/logs/clear", None),
]


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize(("path", "body"), CHANGES)
async def test_a_foreign_web_page_cannot_move_a_bolt_or_change_a_setting(
    running: Running,
    world: World,
    cloud: SimulatedCloud,
    path: str,
    body: dict[str, str] | None,
    origin: str,
) -> None:
    before = on_disk(world, "options.json")
    cloud.calls.reset()
    answer = await running.post(path, body, headers={"Origin": origin})
    assert is_error(answer, 403)
    assert sum(cloud.calls.by_action.values()) == 0
    assert on_disk(world, "options.json") == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
async def test_a_form_on_a_foreign_page_cannot_open_the_door_either(
    running: Running, cloud: SimulatedCloud, kind: str
) -> None:
    headers = {"Origin": "https://evil.example", "Content-Type": kind}
    request = running.client.post(
        running.url + "/api/unlock", data=f'{{"id": "{LOCK}"}}', headers=headers
    )
    assert is_error(await running._answer(request), 403)
    assert cloud.calls.commands == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_the_gateways_own_page_may_do_everything(running: Running, host: str) -> None:
    port = running.url.rpartition(":")[2]
    here = f"{host}:{port}"
    headers = {"Origin": f"http://{here}", "Host": here}
    status, _ = await running.post("/api/config", {"refresh_buffer_minutes": 7}, headers=headers)
    assert status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "localhost.evil.example"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/devices"), ("POST", "/api/unlock")])
async def test_a_name_that_was_rebound_to_this_machine_opens_nothing(
    running: Running, cloud: SimulatedCloud, host: str, method: str, path: str
) -> None:
    request = running.client.request(
        method, running.url + path, json={"id": LOCK}, headers={"Host": host}
    )
    assert is_error(await running._answer(request), 403)
    assert cloud.calls.commands == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "LOCALHOST"])
async def test_the_names_of_this_machine_are_known(running: Running, host: str) -> None:
    port = running.url.rpartition(":")[2]
    status, _ = await running.get("/api/devices", headers={"Host": f"{host}:{port}"})
    assert status == 200


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost", "https://localhost:8443"),
        ("LOCALHOST", "https://localhost"),
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("[::1]", "https://[::1]:8443"),
    ],
)
async def test_a_proxy_that_drops_the_port_does_not_make_our_page_foreign(
    running: Running, host: str, origin: str
) -> None:
    headers = {"Host": host, "Origin": origin}
    assert (await running.post("/api/status/refresh", headers=headers))[0] == 200


async def test_with_the_key_a_proxy_may_change_the_port(running: Running, world: World) -> None:
    headers = {"Host": "gateway.example:443", "Origin": "https://gateway.example:8443"}
    headers |= {"X-Forwarded-For": "192.0.2.1"} | bearer(world)
    assert (await running.post("/api/status/refresh", headers=headers))[0] == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_what_the_browser_says_of_another_site_is_believed(
    running: Running, cloud: SimulatedCloud, site: str
) -> None:
    for origin in ({"Origin": "http://localhost"}, {}):
        headers = {"Host": "localhost", "Sec-Fetch-Site": site} | origin
        assert is_error(await running.post("/api/unlock", {"id": LOCK}, headers=headers), 403)
    assert cloud.calls.commands == []


@pytest.mark.parametrize(
    "path", ["/", "/health", "/nothing", "/api/devices", "/api/lock", "/oauth/callback"]
)
async def test_no_answer_says_what_software_gives_it(running: Running, path: str) -> None:
    for address in (running.url, running.panel):
        async with running.client.get(address + path, allow_redirects=False) as response:
            assert "Server" not in response.headers
            text = str(response.headers) + await response.text()
            assert "aiohttp" not in text.lower()
            assert "python" not in text.lower()


async def test_no_answer_invites_foreign_pages_in(running: Running, world: World) -> None:
    headers = {"Origin": "https://evil.example"} | bearer(world)
    async with running.client.get(running.url + "/api/devices", headers=headers) as response:
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
async def test_another_web_page_cannot_start_sign_ins_nor_end_the_one_under_way(
    running: Running, site: str
) -> None:
    mine = parse_qs(urlsplit((await running.get(AUTHORIZE))[1]["url"]).query)["state"][0]
    for _ in range(60):
        assert is_error(await running.get(AUTHORIZE, headers={"Sec-Fetch-Site": site}), 403)
    assert list(running.gateway.account.sign_in._issued) == [mine]


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_a_page_of_the_gateway_or_a_typed_address_may_start_one(
    running: Running, site: str
) -> None:
    assert (await running.get(AUTHORIZE, headers={"Sec-Fetch-Site": site}))[0] == 200


async def test_a_sign_in_under_way_is_never_given_up_for_another(running: Running) -> None:
    first = parse_qs(urlsplit((await running.get(AUTHORIZE))[1]["url"]).query)["state"][0]
    answers = [await running.get(AUTHORIZE) for _ in range(MOST_STATES)]
    assert [status for status, _ in answers].count(200) == MOST_STATES - 1
    assert is_error(answers[-1], 429, "too_many_sign_ins")
    assert first in running.gateway.account.sign_in._issued
    await running.clock.advance(15 * 60 + 1)
    assert (await running.get(AUTHORIZE))[0] == 200
    assert len(running.gateway.account.sign_in._issued) == MOST_STATES
