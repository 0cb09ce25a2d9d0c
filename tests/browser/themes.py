"""Themes of Home Assistant, and whether the panel's colors can be read."""

from itertools import chain
from typing import Any

from playwright.async_api import Frame, Page

READABLE = 4.5
TINT = 0.12
LIGHT = """
  --primary-background-color: #fafafa; --card-background-color: #fff;
  --primary-text-color: #141414; --secondary-text-color: #5e5e5e;
  --primary-color: #009ac7; --text-primary-color: #fff; --divider-color: #0000001f;
  --success-color: #43a047; --warning-color: #ffa600; --error-color: #db4437;
  --state-lock-locked-color: #4caf50; --ha-font-family-body: Roboto, Noto, sans-serif;
  --ha-card-border-radius: ;
"""
DARK = f"""{LIGHT}
  --primary-background-color: #111; --card-background-color: #1c1c1c;
  --primary-text-color: #e1e1e1; --secondary-text-color: #9b9b9b; --divider-color: #e1e1e11f;
"""
UGLY = """
  --primary-background-color: whitesmoke; --ha-card-background: rgb(40 44 52 / 85%);
  --card-background-color: white; --primary-text-color: var(--ink); --ink: var(--ink-of-old);
  --ink-of-old: #333; --secondary-text-color: ; --primary-color: hotpink;
  --text-primary-color: #fffa; --divider-color: rgba(255, 255, 255, 0.08);
  --success-color: darkgreen; --warning-color: #ff0; --error-color: hsl(0 100% 25%);
  --ha-font-family-body: "Comic Neue", cursive; --ha-card-border-radius: 0;
"""
GLASS = """
  --primary-background-color: transparent; --card-background-color: #0004;
  --primary-text-color: #eee; --secondary-text-color: #fff8; --primary-color: #777;
  --success-color: none; --warning-color: linear-gradient(red, blue);
  --ha-card-border-radius: 4em 2px;
"""
THEMES = {"light": LIGHT, "dark": DARK, "ugly": UGLY, "glass": GLASS}

Color = tuple[float, float, float]

TOKENS = """() => {
  const names = ["page", "card", "text", "soft", "line", "accent", "on-accent", "good", "warn",
    "bad", "idle"];
  const probe = document.body.appendChild(document.createElement("i"));
  const read = (name) => {
    probe.style.color = `color-mix(in srgb, var(--${name}), var(--${name}))`;
    return getComputedStyle(probe).color.match(/[\\d.e-]+/g).slice(-3).map(Number);
  };
  const colors = Object.fromEntries(names.map((name) => [name, read(name)]));
  probe.remove();
  return colors;
}"""


async def wear(page: Page, theme: str) -> None:
    """Let Home Assistant's page, which holds the panel, have a theme, as its frontend does."""
    await page.evaluate("(css) => (document.documentElement.style.cssText = css)", theme)


async def tokens(panel: Frame | Page) -> dict[str, Color]:
    """Return the colors that the panel has named."""
    found: dict[str, Any] = await panel.evaluate(TOKENS)
    return as_colors(found)


def as_colors(found: dict[str, Any]) -> dict[str, Color]:
    """Return what a script answered, in the 256 steps that a screen has."""
    return {
        name: (round(r * 255) / 255, round(g * 255) / 255, round(b * 255) / 255)
        for name, (r, g, b) in found.items()
    }


def unreadable(colors: dict[str, Color]) -> list[str]:
    """Return each color that somebody could not read where the panel may put it."""
    surfaces = {"page": colors["page"], "card": colors["card"]}
    tints = {
        f"{name} on {surface}": _mixed(colors[name], below)
        for name in ("accent", "good", "warn", "bad", "idle")
        for surface, below in surfaces.items()
    }
    pairs = chain(
        ((name, surface) for name in ("text", "soft", "accent") for surface in surfaces | tints),
        ((name, where) for name in ("good", "warn", "bad", "idle") for where in surfaces),
        ((tint.split(" on ")[0], tint) for tint in tints),
        [("on-accent", "accent"), ("card", "bad")],
    )
    below = {**colors, **tints}
    return [
        f"{name} on {where}: {ratio:.2f}"
        for name, where in pairs
        if (ratio := contrast(colors[name], below[where])) < READABLE
    ]


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colors, from 1 to 21, as WCAG defines it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: Color) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _mixed(color: Color, below: Color) -> Color:
    red, green, blue = (
        c * TINT + other * (1 - TINT) for c, other in zip(color, below, strict=True)
    )
    return (red, green, blue)
