"""docs/plugins.md, walked as it is written."""

import json
import re
import textwrap

from tests.conftest import World
from tests.plugins.installing import EXAMPLES, ROOT, install, log_of
from tests.steps import command, plugin

PAGE = (ROOT / "docs/plugins.md").read_text("utf-8")
MISTAKE = ("self, lock, previous", "self, door, previous")


def block(language: str) -> str:
    found = re.search(rf"^( *)```{language}\n(.*?)^\1```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found, language
    return textwrap.dedent(found[2])


async def test_the_plugin_of_the_page_is_listed_as_the_page_says(world: World) -> None:
    install(world, "bell.py", block("python"))
    running = await world.start()
    assert "`The plugin bell.py is loaded`" in " ".join(PAGE.split())
    assert "The plugin bell.py is loaded" in log_of(world)
    assert await plugin(running, "bell.py") == json.loads(block("json"))


async def test_the_plugin_of_the_page_rings_when_a_door_was_unlocked_and_only_then(
    world: World,
) -> None:
    install(world, "bell.py", block("python"))
    running = await world.start()
    assert "Ding-dong" not in log_of(world)
    for name in ("unlock", "lock"):
        assert (await command(running, name)).body["status"] == "ok"
    assert log_of(world).count("Ding-dong: Front Door") == 1


async def test_the_mistake_of_the_page_is_answered_as_the_page_says(world: World) -> None:
    text = block("python")
    assert MISTAKE[0] in text
    install(world, "bell.py", text.replace(*MISTAKE))
    running = await world.start()
    shown = await plugin(running, "bell.py")
    assert shown["is_failing"]
    assert shown["last_error"] == block("text").strip()
    _, health = await running.get("/health")
    assert health["health"] == "degraded"


def test_the_page_leads_to_every_example() -> None:
    examples = {path.name for path in EXAMPLES.glob("*.py")}
    assert set(re.findall(r"\(example_plugins/(\w+\.py)\)", PAGE)) == examples
