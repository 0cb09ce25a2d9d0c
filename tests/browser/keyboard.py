"""The keyboard alone: what Tab reaches, and whether one sees where one is."""

import re
from typing import Any

from playwright.async_api import Page

REMEMBER = """() => {
  const looks = (element) => {
    const style = getComputedStyle(element);
    return ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "borderColor",
      "backgroundColor", "textDecorationLine"].map((name) => style[name]).join();
  };
  const groups = new Set();
  const isSecondOfGroup = (element) => {
    if (element.type !== "radio" || !element.name) return false;
    const known = groups.has(element.name);
    groups.add(element.name);
    return known;
  };
  document.activeElement?.blur();
  const everything = "a[href], area[href], button, input, select, textarea, summary, " +
    "[contenteditable], [tabindex]:not([tabindex='-1'])";
  const elements = [...document.querySelectorAll(everything)].filter((element) =>
    !element.matches(":disabled") && element.tabIndex >= 0 && element.checkVisibility() &&
    element.type !== "hidden" && !isSecondOfGroup(element));
  window.tabStops = {elements, looks, before: elements.map(looks)};
  return elements.map((element) => element.outerHTML.slice(0, 120));
}"""
WHERE = """() => {
  const {elements, looks, before} = window.tabStops;
  const here = document.activeElement;
  const group = (element) => element.type === "radio" && element.name;
  const index = elements.findIndex((one) =>
    one === here || (group(here) && group(one) === group(here)));
  return [index, index >= 0 && looks(elements[index]) !== before[index]];
}"""
DETOURS = 10
"""Stops that are none of the elements: the end of the page, a box that scrolls."""

IN_PARTS = re.compile(r'type="(datetime-local|time)"')
PARTS = 6
"""Further stops in a date or a time: its numbers, its half of the day, its picker."""


async def unreachable(page: Page) -> list[str]:
    """Return what Tab does not reach, and what does not show that it has the focus."""
    elements: list[str] = await page.evaluate(REMEMBER)
    reached: dict[int, bool] = {}
    parts = sum(PARTS for html in elements if IN_PARTS.search(html))
    for _ in range(len(elements) + parts + DETOURS):
        if len(reached) == len(elements):
            break
        await page.keyboard.press("Tab")
        where: list[Any] = await page.evaluate(WHERE)
        reached[where[0]] = bool(where[1])
        reached.pop(-1, None)
    missed = [html for index, html in enumerate(elements) if index not in reached]
    unseen = [elements[index] for index, is_seen in reached.items() if not is_seen]
    return [f"Tab does not reach {html}" for html in missed] + [
        f"nobody sees that this has the focus: {html}" for html in unseen
    ]
