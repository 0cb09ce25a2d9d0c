"""People's own plugins, installed as people do: copied into the folder."""

import asyncio
from dataclasses import replace

import pytest

from tests.conftest import LOCK, Running, World
from tests.plugins.installing import install, log_of
from utec_gateway.core.errors import PluginError
from utec_gateway.core.models import Token
from utec_gateway.plugin_api.call_guard import DEADLINE
from utec_gateway.plugin_api.plugin_health import PluginStatus
from utec_gateway.plugins.loader import _imported

HEAD = "import asyncio, sys\nfrom utec_gateway.plugin_api import hookimpl\n"


def plugin(body: str, create: str = "def create(context): return Own()") -> str:
    """Return the text of a plugin whose class has one hook."""
    return f"{HEAD}class Own:\n    @hookimpl\n    {body}\n{create}\n"


GOOD = plugin("async def gateway_notify(self, notification): return 'seen'")
BROKEN = {
    "syntax": "def create(:",
    "import": "import no_such_module",
    "exit at import": "import sys; sys.exit(3)",
    "no create": "x = 1",
    "create raises": plugin("async def gateway_started(self): ...", "def create(c): 1 / 0"),
    "create cancels": plugin(
        "async def gateway_started(self): ...", "def create(c): raise asyncio.CancelledError"
    ),
    "unknown hook": plugin("async def gateway_notfy(self): ..."),
    "unknown argument": plugin("async def gateway_started(self, gateway): ..."),
    "raises": plugin("async def gateway_started(self): raise LookupError('x')"),
    "raises at once": plugin("def gateway_started(self): raise LookupError('x')"),
    "exits": plugin("async def gateway_started(self): sys.exit(3)"),
    "cancels itself": plugin("async def gateway_started(self): raise asyncio.CancelledError"),
    "hangs": plugin("async def gateway_started(self): await asyncio.Event().wait()"),
    "cancels itself at once": plugin("def gateway_started(self): raise asyncio.CancelledError"),
    "a choice that exits": plugin("def gateway_retry_policy(self): sys.exit(3)"),
    "no refresher": plugin("def gateway_token_refresher(self): return 5"),
    "no policy": plugin("async def gateway_retry_policy(self, operation): return None"),
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_plugin_is_named_and_everything_else_goes_on(
    world: World, what: str
) -> None:
    install(world, "broken.py", BROKEN[what])
    install(world, "good.py", GOOD)
    running = await world.start()
    await world.clock.advance(DEADLINE + 1)
    plugins = {one.name: one for one in running.gateway.hooks.plugins}
    assert plugins["broken.py"].is_failing
    assert not plugins["good.py"].is_failing
    assert "The plugin broken.py failed in" in log_of(world)
    _, health = await running.get("/health")
    assert health["health"] == "degraded"
    assert (await running.gateway.account.tokens.refresh()).refresh_token
    locking = asyncio.create_task(running.post("/api/lock", {"id": LOCK}))
    await world.clock.advance(9)
    status, answer = await locking
    assert (status, answer["status"]) == (200, "ok")


async def test_a_good_plugin_is_loaded_and_heard(world: World) -> None:
    install(world, "good.py", GOOD)
    install(world, "_draft.py", "def create(:")
    (world.data_dir / "plugins" / "notes.txt").write_text("not a plugin")
    running = await world.start()
    own = [one for one in running.gateway.hooks.plugins if one.origin != "built-in"]
    loaded_at = own[0].since
    assert own == [PluginStatus("good.py", "good.py", ("gateway_notify",), since=loaded_at)]
    assert loaded_at == world.clock.now()
    _, answer = await running.post("/api/notify/test")
    assert answer["notifiers"]["good.py"] == {"delivered": True, "detail": "seen"}


async def test_a_plugin_with_nothing_to_do_is_no_plugin(world: World) -> None:
    install(world, "off.py", "def create(context): return None")
    running = await world.start()
    assert "off.py" not in {one.name for one in running.gateway.hooks.plugins}
    _, health = await running.get("/health")
    assert health["health"] == "healthy"


async def test_no_policy_can_make_an_unlock_be_sent_twice(world: World) -> None:
    install(
        world,
        "eager.py",
        "from tenacity import AsyncRetrying, stop_after_attempt, wait_none\n"
        + plugin(
            "def gateway_retry_policy(self, operation):"
            " return AsyncRetrying(stop=stop_after_attempt(9), wait=wait_none())"
        ),
    )
    running = await world.start()
    world.cloud.faults.fail("Device/Command", status=500, times=9)
    before = len(world.cloud.calls.commands)
    asking = asyncio.create_task(running.post("/api/unlock", {"id": LOCK}))
    await world.clock.advance(30)
    status, _ = await asking
    asked = world.cloud.calls.by_action["Device/Command"]
    assert (status, asked, len(world.cloud.calls.commands)) == (504, 1, before)


async def test_an_import_that_hangs_is_given_up(world: World, running: Running) -> None:
    install(world, "hangs.py", "import threading\nthreading.Event().wait()")
    path = world.data_dir / "plugins" / "hangs.py"
    loading = asyncio.create_task(_imported(path, running.gateway._context))
    await world.clock.advance(DEADLINE - 1)
    assert not loading.done()
    await world.clock.advance(2)
    with pytest.raises(PluginError, match="its import took longer than 30 s"):
        await loading


async def test_a_folder_that_cannot_be_read_is_said(world: World) -> None:
    (world.data_dir / "plugins").write_text("a file in the place of the folder")
    await world.start()
    assert "The plugins folder cannot be read: Not a directory" in log_of(world)


async def test_ones_own_refresher_takes_the_place_of_the_built_in(world: World) -> None:
    install(
        world,
        "own.py",
        HEAD
        + """
from dataclasses import replace
from datetime import timedelta

class Refresher:
    def __init__(self, clock): self._clock = clock
    def authorization_url(self, state): return "https://own.test/?state=" + state
    async def exchange(self, code): raise NotImplementedError
    async def refresh(self, token):
        now = self._clock.now()
        return replace(token, access_token="own", issued_at=now, expires_at=now + timedelta(1))

class Own:
    def __init__(self, clock): self._refresher = Refresher(clock)
    @hookimpl
    def gateway_token_refresher(self): return self._refresher

def create(context): return Own(context.clock)
""",
    )
    running = await world.start(sign_in=False)
    token = Token("a", "r", world.clock.now(), world.clock.now())
    await running.gateway.store.update(lambda state: replace(state, token=token))
    assert (await running.gateway.account.tokens.refresh()).access_token == "own"
    _, answer = await running.get("/api/oauth/authorize-url")
    assert answer["url"].startswith("https://own.test/?state=")
