"""How a page sits in its window: it neither spills over nor jumps while it loads."""

from playwright.async_api import Frame, Page

SPILLS = "() => Math.max(0, document.scrollingElement.scrollWidth - innerWidth)"
JUMPS = """async () => {
  const shifts = [];
  const take = (list) => shifts.push(...list.filter((shift) => !shift.hadRecentInput));
  const observer = new PerformanceObserver((list) => take(list.getEntries()));
  observer.observe({type: "layout-shift", buffered: true});
  await new Promise((done) => setTimeout(done, 250));
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
  take(observer.takeRecords());
  return shifts.reduce((sum, shift) => sum + shift.value, 0);
}"""


async def spills(page: Page | Frame) -> int:
    """Return the pixels that the page is wider than its window."""
    return int(await page.evaluate(SPILLS))


async def jumps(page: Page | Frame) -> float:
    """Return how much of the page moved while it loaded, as Chromium counts it."""
    return float(await page.evaluate(JUMPS))
