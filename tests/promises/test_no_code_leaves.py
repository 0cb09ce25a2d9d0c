"""The digits that open a door are in two answers, and in nothing else that leaves the gateway."""

import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientTimeout

from tests.conftest import LOCK, OTHER_LOCK, QUIET, Running, World
from tests.plugins.installing import install
from tests.plugins.post_office import Mailbox, post_office
from tests.steps import meanwhile
from utec_gateway.plugin_api.hookspecs import GatewayHooks
from utec_gateway.web.panel.app import PAGE_MODULES

USERS = "st.lockUser"
HEARD = "heard.txt"
HOOKS = {
    "gateway_notify": "notification",
    "gateway_dismiss": "notification_id, title",
    "gateway_lock_changed": "lock, previous",
    "gateway_devices_changed": "added, changed, removed",
    "gateway_activity": "activity",
    "gateway_issues_changed": "added, changed, removed",
    "gateway_codes_changed": "added, changed, removed",
    "gateway_code_event": "event",
}
EAVESDROPPER = """
from pathlib import Path
from utec_gateway.plugin_api import hookimpl

HEARD = Path({path!r})

class Eavesdropper:
    def __init__(self, context):
        self.context = context

    def hear(self, *said):
        with HEARD.open("a") as file:
            file.write(repr(said) + repr(self.context.codes()) + repr(self.context.issues()))
"""
HOOK = """
    @hookimpl
    async def {name}(self, {arguments}):
        self.hear({arguments})
"""
PAGES = tuple(page for module in PAGE_MODULES for page in module.PAGES)
ADDRESSES = ["/health", "/api/config", "/logs", "/api/status/latest", "/api/plugins"]


def eavesdropper(path: Path) -> str:
    hooks = (HOOK.format(name=name, arguments=said) for name, said in HOOKS.items())
    create = "\ndef create(context):\n    return Eavesdropper(context)\n"
    return EAVESDROPPER.format(path=str(path)) + "".join(hooks) + create


class Household:
    """A gateway with everything on, and all that it ever let out."""

    def __init__(self, world: World, rng: random.Random, mailbox: Mailbox) -> None:
        self.world = world
        self.rng = rng
        self.mailbox = mailbox
        self.codes: set[str] = set()
        self.said: list[str] = []
        self.guests: list[tuple[str, str]] = []
        self.shown = 0
        """How many answers showed a code again."""
        self.running: Running

    async def start(self, **options: Any) -> None:
        options = {"log_level": "debug", "manage_codes": True, **QUIET, **options}
        self.running = await self.world.start(**options)
        await self.running.clock.advance(5)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        asked = self.running.client.request(method, self.running.url + path, json=body)
        _, answer = await meanwhile(self.running, self.running._answer(asked))
        return answer

    async def add(self, lock: str, name: str, **more: Any) -> None:
        """Ask for a guest; the code that is made may stand in this one answer, and nowhere else."""
        digits = "".join(self.rng.choice("13456789") for _ in range(8))
        chosen = {"code": digits} if self.rng.random() < 0.6 else {}
        body = {"name": name, "ends": "2026-02-09T12:00", **chosen, **more}
        answer = await self.ask("POST", f"/api/locks/{lock}/users", body)
        self.codes |= {digits} | ({answer.pop("code")} if "code" in answer else set())
        if "user" in answer:
            self.guests.append((lock, answer["user"]["id"]))
        self.said.append(str(answer))

    async def show(self) -> None:
        for lock, guest in self.guests:
            answer = await self.ask("POST", f"/api/locks/{lock}/users/{guest}/code")
            code = answer.pop("code", "")
            assert code in self.codes | {""}
            self.shown += bool(code)
            self.said.append(str(answer))

    async def read_everything(self) -> None:
        """Read every page and every answer that can be had without changing anything."""
        for path in [*ADDRESSES, *(f"/api/locks/{lock}/users" for lock in (LOCK, OTHER_LOCK))]:
            self.said.append(str(await self.ask("GET", path)))
        for page in PAGES:
            self.said.append(await self.read(page.path))
        self.said.append(await self.read("/diagnostics"))

    async def read(self, path: str) -> str:
        asked = self.running.client.get(self.running.panel + path, timeout=ClientTimeout(10))
        async with asked as response:
            return f"{response.headers} {await response.text('utf-8', 'replace')}"

    async def go_wrong(self) -> None:
        """Let the cloud repeat what it was sent, lose answers, and be down."""
        echo = " ".join(sorted(self.codes))
        faults = self.world.cloud.faults
        faults.fail(f"{USERS}/add", body=echo, times=1)
        await self.add(LOCK, f"Refused {len(self.said)}")
        faults.answer(
            f"{USERS}/add", {"payload": {"error": {"code": echo, "message": echo}}}, times=1
        )
        await self.add(LOCK, f"Echoed {len(self.said)}")
        faults.answer(
            f"{USERS}/list", {"payload": {"devices": [{"id": LOCK, "error": echo}]}}, times=1
        )
        await self.add(LOCK, f"Not listed {len(self.said)}")
        faults.drop(f"{USERS}/add", after_acting=True, times=1)
        await self.add(OTHER_LOCK, f"Lost {len(self.said)}")
        self.world.cloud.devices[OTHER_LOCK].behaviour.forget_next_adds = 1
        await self.running.clock.advance(120)
        await self.add(OTHER_LOCK, f"Forgotten {len(self.said)}")
        await self.add(LOCK, "x" * 300)
        await self.add(LOCK, "Late", ends="2020-01-01")
        await self.add("nowhere", "Nobody")

    def everywhere(self) -> Iterator[tuple[str, str]]:
        """Yield everything that left the process, with where it was found."""
        yield from (("an answer", said) for said in self.said)
        for path in self.world.data_dir.rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                yield path.name, path.read_text("utf-8", "replace")
        yield from (("an e-mail", str(message)) for _, message in self.mailbox.received)


@pytest.mark.parametrize("seed", range(4))
async def test_a_code_is_in_the_answer_that_creates_it_and_nowhere_else(
    world: World, seed: int
) -> None:
    async with post_office("none") as post:
        heard = world.data_dir / HEARD
        install(world, "eavesdropper.py", eavesdropper(heard))
        house = Household(world, random.Random(seed), post.mailbox)
        options = replace(post.options, username="", password="", sender="gateway@home.test")
        email = {**asdict(options), "recipients": list(options.recipients)}
        await house.start(email=email)
        await house.add(LOCK, "Anna")
        await house.add(OTHER_LOCK, "Anna")
        await house.running.clock.advance(20)
        await house.show()
        await house.go_wrong()
        await house.read_everything()
        world.cloud.devices[OTHER_LOCK].go_offline()
        await house.add(OTHER_LOCK, "Late")  # who waits for so long that the owner is told
        await house.running.clock.advance(2 * 3600)
        await house.read_everything()
        await world.stop()
        await house.start(email=email)
        await house.read_everything()
        await house.show()
        await world.stop()
        assert len(house.codes) > 9
        assert house.shown > 3
        assert "Anna" in heard.read_text()
        assert post.mailbox.received
        found = [
            (where, code)
            for where, text in house.everywhere()
            for code in house.codes
            if code in text
        ]
        assert not found


async def test_a_traceback_of_the_gateways_own_mistake_shows_no_code(world: World) -> None:
    house = Household(world, random.Random(9), Mailbox())
    await house.start()
    client = house.running.gateway.account.codes._cloud

    async def mistake(*_: Any, **_more: Any) -> None:
        raise LookupError("a mistake of ours")

    client._cloud.request = mistake  # type: ignore[method-assign, assignment]
    await house.add(LOCK, "Anna")
    await world.stop()
    log = (world.data_dir / "gateway.log").read_text()
    assert "a mistake of ours" in log
    assert not [code for code in house.codes if code in log + str(house.said)]


def test_the_eavesdropper_hears_every_hook_that_says_something() -> None:
    silent = {"gateway_started", "gateway_stopping", "gateway_test_broker"}
    choices = {"gateway_token_refresher", "gateway_retry_policy", "gateway_broker_status"}
    choices |= {"gateway_push_status", "gateway_push_posted"}
    hooks = {name for name in vars(GatewayHooks) if name.startswith("gateway_")}
    assert hooks - silent - choices - {"gateway_sign_in_changed"} == set(HOOKS)
