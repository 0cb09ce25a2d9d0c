"""`POST /push/<secret>`: whoever has the secret is heard, nobody else learns or costs anything."""

import asyncio
import json
from typing import Any

import pytest

from tests.conftest import LOCK, QUIET, Running, World
from tests.steps import QUERY, bearer, is_error
from utec_gateway.simulator.states import unlock

OUTSIDE = "https://locks.example.com"
NAMES_THE_LOCK = {"payload": {"devices": [{"id": LOCK}]}}
GUESS = "0123456789abcdef" * 4
FROM_U_TEC = {"Authorization": "Bearer what-was-registered-as-access-token"}
"""U-tec shows the secret that it was registered with; it is no key of ours (utec-cloud 6.2)."""


class Sender:
    """Posts to a gateway that trusts no network, as U-tec does through the owner's proxy."""

    def __init__(self, running: Running, world: World) -> None:
        self.running = running
        self.world = world
        self._begun = len(self.whole_log())

    @property
    def secret(self) -> str:
        """The secret that was registered last."""
        return self.world.cloud.pushes.registrations[-1].url.rpartition("/")[2]

    async def post(
        self, path: str, body: bytes | None = None, method: str = "POST", **more: Any
    ) -> tuple[int, Any]:
        data = json.dumps(NAMES_THE_LOCK).encode() if body is None else body
        more.setdefault("headers", FROM_U_TEC)
        client, url = self.running.client, self.running.url + path
        request = client.request(method, url, data=data, allow_redirects=False, **more)
        async with request as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def push(self, body: bytes | None = None, **more: Any) -> tuple[int, Any]:
        return await self.post(f"/push/{self.secret}", body, **more)

    async def raw(self, path: bytes) -> bytes:
        """Post to a path whose bytes no client would send; return the first line of the answer."""
        host, port = self.running.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"POST " + path + b" HTTP/1.1\r\nHost: " + host.encode())
        writer.write(b"\r\nContent-Length: 2\r\n\r\n{}")
        line = await reader.readline()
        writer.close()
        return line

    def whole_log(self) -> str:
        return (self.world.data_dir / "gateway.log").read_text()

    def log(self) -> str:
        """Return what was logged since the first registration."""
        return self.whole_log()[self._begun :]


@pytest.fixture
async def sender(world: World) -> Sender:
    push: dict[str, Any] = {
        "push": "auto",
        "push_url": OUTSIDE,
        "log_level": "debug",
        "trusted_networks": [],
    }
    running = await world.start(**QUIET, **push)
    await world.clock.advance(20)
    world.cloud.calls.reset()
    return Sender(running, world)


async def test_the_right_secret_is_heard_without_a_key(sender: Sender) -> None:
    sender.world.cloud.devices[LOCK].operate(unlock)
    assert await sender.push() == (200, "")
    await sender.world.clock.settle()
    assert sender.world.cloud.calls.by_action[QUERY] >= 1
    status, answer = await sender.running.get(
        "/api/status", params={"id": LOCK}, headers=bearer(sender.world)
    )
    assert status == 200
    assert "Unlocked" in json.dumps(answer)


@pytest.mark.parametrize("headers", [{}, FROM_U_TEC, {"Authorization": "Bearer"}], ids=str)
async def test_what_the_header_shows_does_not_matter(
    headers: dict[str, str], sender: Sender
) -> None:
    assert (await sender.push(headers=headers))[0] == 200


async def test_a_wrong_secret_finds_nothing_and_asks_nothing(sender: Sender) -> None:
    assert is_error(await sender.post(f"/push/{GUESS}"), 404, "not_found")
    await sender.world.clock.advance(30)
    assert sender.world.cloud.calls.by_action[QUERY] == 0


async def test_without_the_option_every_secret_is_wrong(world: World) -> None:
    sender = Sender(await world.start(), world)
    for secret in (GUESS, "", "None"):
        assert is_error(await sender.post(f"/push/{secret}"), 404, "not_found")


async def test_pushes_to_an_old_secret_lock_nobody_out(sender: Sender, world: World) -> None:
    """U-tec, and everybody behind the owner's proxy, have one address."""
    for _ in range(30):
        assert is_error(await sender.post(f"/push/{GUESS}"), 404, "not_found")
    assert is_error(await sender.running.get("/api/devices"), 401, "unauthorized")
    assert is_error(await sender.running.get("/k/one-typo/api/devices"), 401, "unauthorized")
    assert (await sender.running.get("/api/devices", headers=bearer(world)))[0] == 200
    assert sender.log().count("Wrong key") == 1, "the typo"


async def test_good_pushes_lock_nobody_out_and_nobody_locks_them_out(sender: Sender) -> None:
    for _ in range(30):
        assert (await sender.push())[0] == 200
    assert "Wrong key" not in sender.log()
    for _ in range(30):
        await sender.running.get("/k/guess/api/devices")
    assert is_error(await sender.running.get("/k/guess/api/devices"), 429)
    assert (await sender.push())[0] == 200


async def test_a_key_in_front_of_the_address_is_a_key(sender: Sender) -> None:
    for _ in range(10):
        assert (await sender.post(f"/k/guess/push/{GUESS}"))[0] == 404
    assert is_error(await sender.post(f"/k/guess/push/{GUESS}"), 429, "too_many_attempts")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_push_is_posted_and_nothing_else(method: str, sender: Sender) -> None:
    status, answer = await sender.push(method=method)
    assert status == 405
    assert method == "HEAD" or is_error((status, answer), 405, "method_not_allowed")
    wrong, said = await sender.post(f"/push/{GUESS}", method=method)
    assert (wrong, said) == (status, answer), "it does not tell whether the secret is right"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"open sesame",
        b"id=5&state=Locked",
        b'{"payload": {"devices": [',
        b"\xff\xfe\x00\xd8",
        b'[{"id": "\xff"}]',
        b"9" * 10_000,
        b"[" * 60_000,
        b'{"payload":' * 5_000,
        b"[" * 5_000 + b"]" * 5_000,
        b'{"payload": 5}',
    ],
    ids=lambda body: str(body[:20]),
)
async def test_rubbish_with_the_right_secret_is_taken_and_means_nothing(
    body: bytes, sender: Sender
) -> None:
    assert (await sender.push(body))[0] == 200
    await sender.world.clock.advance(30)
    assert sender.world.cloud.calls.by_action[QUERY] == 0
    assert " ERROR " not in sender.log()


async def test_64_kib_are_the_most(sender: Sender) -> None:
    assert is_error(await sender.push(b" " * (64 * 1024 + 1)), 413, "too_large")
    body = json.dumps(NAMES_THE_LOCK).encode()
    assert (await sender.push(body + b" " * (64 * 1024 - len(body))))[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/push", "/push/", "//push//", "/push/%2F", "/push/a/b", "/push/..", "/push/%00"),
        *("/push/%ff", "/push/%ED%A0%80", "/push/%", "/push/%zz", "/push/é", "/push/ "),
        "/push/" + "f" * 7_000,
    ],
    ids=lambda path: path[:20],
)
async def test_an_odd_path_is_a_client_s_mistake(path: str, sender: Sender) -> None:
    status, _ = await sender.post(path)
    assert 400 <= status < 500
    assert " ERROR " not in sender.log()


@pytest.mark.parametrize(
    "path",
    [
        *(b"/push/\xff", b"/push/\xc3\xa9", b"/push/\xed\xa0\x80", b"/push/\xf0\x9f\x94\x91"),
        *(b"/push/%ff", b"/push/%ED%B3%BF", b"/push/\x7f", b"push", b"*", b"/push/a?\xff#\xff"),
        b"/push/" + b"f" * 10_240,
    ],
    ids=lambda path: str(path[:20]),
)
async def test_odd_bytes_in_a_path_are_a_client_s_mistake(path: bytes, sender: Sender) -> None:
    assert (await sender.raw(path)).startswith(b"HTTP/1.1 4")
    assert " ERROR " not in sender.log()
    assert (await sender.push())[0] == 200, "the gateway goes on"


@pytest.mark.parametrize("path", ["//push//{}", "/push/{}/", "/push/{}//", "///push/{}"])
async def test_slashes_too_many_lead_there_and_no_redirect_repeats_the_secret(
    path: str, sender: Sender
) -> None:
    assert await sender.post(path.format(sender.secret)) == (200, "")


async def test_the_secret_is_in_no_log_and_in_no_answer(
    sender: Sender, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    secrets = [sender.secret]
    paths = ["/push/{}", "//push/{}/", "/push/{}/more", "/push/{}?a=b", "/k/guess/push/{}"]
    for path in paths:
        for method in ("POST", "GET", "HEAD"):
            status, answer = await sender.post(path.format(secrets[0]), method=method)
            assert secrets[0] not in str(answer), (path, method, status)
    assert is_error(await sender.push(b" " * 70_000), 413)
    await sender.push(headers={"Sec-Fetch-Site": "cross-site"})
    world.cloud.faults.fail(QUERY)
    await sender.push()
    await world.clock.settle()
    world.cloud.faults.clear()
    await world.clock.advance(90_000)
    secrets += [sender.secret, str(world.cloud.pushes.registrations[-1].secret)]
    assert secrets[0] != secrets[1]
    written = sender.whole_log() + caplog.text
    assert "DEBUG" in written
    assert [secret for secret in secrets if secret in written] == []


async def test_a_mistake_of_ours_does_not_write_the_secret_either(sender: Sender) -> None:
    redact = sender.running.gateway.redactor.redact
    said = redact(f"A request failed unexpectedly: /push/{GUESS}")
    assert said == "A request failed unexpectedly: /push/***"
    assert GUESS not in redact(f"POST https://home.example:8123/api/webhook/{GUESS} failed")


async def test_a_page_of_another_site_pushes_nothing(sender: Sender) -> None:
    headers = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert is_error(await sender.push(headers=headers), 403, "forbidden")


async def test_the_earlier_secret_is_good_for_ten_minutes_after_the_next(
    sender: Sender, world: World
) -> None:
    earlier = sender.secret
    await world.clock.until(lambda: sender.secret != earlier, 90_000)
    assert (await sender.post(f"/push/{earlier}"))[0] == 200
    await world.clock.advance(600)
    assert (await sender.post(f"/push/{earlier}"))[0] == 404
    assert (await sender.push())[0] == 200


async def test_a_lock_stays_as_it_is_whatever_is_pushed(sender: Sender, world: World) -> None:
    lie = [{"capability": "st.lock", "name": "lockState", "value": "Unlocked"}]
    body = json.dumps([{"id": LOCK, "states": lie}]).encode()
    assert (await sender.push(body))[0] == 200
    await world.clock.advance(30)
    answer = await sender.running.get("/api/status", params={"id": LOCK}, headers=bearer(world))
    assert "Unlocked" not in json.dumps(answer[1])
