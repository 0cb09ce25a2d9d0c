"""axe-core's opinion of a page: what somebody with a screen reader or weak eyes would meet."""

from pathlib import Path
from typing import Any

from playwright.async_api import Frame, Page

SOURCE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
GRAVE = frozenset({"serious", "critical"})
ASK = "() => axe.run(document, {resultTypes: ['violations']})"


async def axe(page: Page | Frame) -> list[str]:
    """Return what axe calls serious or critical, each with the element it means."""
    await page.evaluate(SOURCE.read_text("utf-8"))
    result: dict[str, Any] = await page.evaluate(ASK)
    return [
        f"{violation['id']}: {violation['help']}: {node['html']}"
        for violation in result["violations"]
        if violation["impact"] in GRAVE
        for node in violation["nodes"]
    ]
