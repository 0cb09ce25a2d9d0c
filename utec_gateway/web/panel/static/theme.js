// Inside Home Assistant the panel wears Home Assistant's theme, with colors that are moved until
// they can be read, whatever the theme gives; elsewhere panel.css follows the operating system.
// Not a module: where blocking="render" is unknown, a module runs after the first paint.
"use strict";

const READABLE = 4.6; // AA asks for 4.5; the channels are rounded afterwards
const ROOMY = 10; // for black or white on a surface; then colors differ, and tints can hold text
const TINT = 0.12;
const STEP = 0.02;
const BLACK = [0, 0, 0];
const WHITE = [1, 1, 1];

// In this order, and what Home Assistant uses itself. Its unlocked is as red as its jammed.
const SOURCES = {
  page: ["--primary-background-color"],
  card: ["--ha-card-background", "--card-background-color"],
  text: ["--primary-text-color"],
  soft: ["--secondary-text-color"],
  line: ["--divider-color"],
  accent: ["--primary-color", "#009ac7"],
  "on-accent": ["--text-primary-color"],
  good: ["--state-lock-locked-color", "--success-color", "#43a047"],
  warn: ["--warning-color", "#ffa600"],
  bad: ["--state-lock-jammed-color", "--error-color", "#db4437"],
  idle: ["--state-inactive-color", "#7a7a7a"],
};

// The browser computes what a value means. Nobody sees the head: its style is free for that.
function computed(property, value) {
  const { style } = document.head;
  style.setProperty(property, value);
  const isValid = style.getPropertyValue(property) !== "";
  const result = isValid ? getComputedStyle(document.head).getPropertyValue(property) : "";
  style.removeProperty(property);
  return result;
}

// Mixed with nothing, every notation becomes "color(srgb r g b / a)".
function colorOf(value) {
  const text = computed("color", `color-mix(in srgb, ${value} 100%, transparent 0%)`);
  const channels = text.match(/-?[\d.]+(e-?\d+)?/g)?.map((one) => Math.min(Math.max(one, 0), 1));
  return channels && [...channels, 1].slice(0, 4);
}

const mix = (one, other, share) => other.map((value, at) => one[at] * share + value * (1 - share));
const over = (color, below) => mix(color, below, color[3] ?? 1);

function luminance(color) {
  const [r, g, b] = color.map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

// Black or white: what can be read on a color.
const inkOn = (color) => (contrast(BLACK, color) > contrast(WHITE, color) ? BLACK : WHITE);

function moved(color, goal, isEnough) {
  for (let share = 0; share < 1; share += STEP) {
    const candidate = mix(goal, color, share);
    if (isEnough(candidate)) return candidate;
  }
  return goal;
}

// Cards and the page between them share a text: both are moved away from it until they have room.
function surfaces(given) {
  const behind = given.text && inkOn(given.text) === BLACK ? BLACK : WHITE;
  const page = over(given.page ?? behind, behind);
  const card = over(given.card ?? page, page);
  const ink = inkOn(card);
  const paper = ink === BLACK ? WHITE : BLACK;
  const roomy = (color) => moved(color, paper, (candidate) => contrast(candidate, ink) >= ROOMY);
  return { page: roomy(page), card: roomy(card), ink };
}

function palette(given) {
  const { card, page, ink } = surfaces(given);
  const tintsOf = (color) => [mix(color, card, TINT), mix(color, page, TINT)];
  const isReadable = (color, besides) =>
    [card, page, ...tintsOf(color), ...besides].every((one) => contrast(color, one) >= READABLE);
  const readable = (color, besides) =>
    moved(over(color, card), ink, (candidate) => isReadable(candidate, besides));

  const states = [given.good, given.warn, given.bad, given.idle];
  const [good, warn, bad, idle] = states.map((color) => readable(color, []));
  const tints = [good, warn, bad, idle].flatMap(tintsOf);
  const accent = readable(given.accent, tints);
  tints.push(...tintsOf(accent));
  const said = over(given.text ?? ink, card);
  const text = isReadable(said, tints) ? said : ink;
  const soft = readable(given.soft ?? mix(ink, card, 0.7), tints);
  const line = over(given.line ?? [...ink, TINT], card);
  const label = over(given["on-accent"] ?? ink, accent);
  const onAccent = contrast(label, accent) >= READABLE ? label : card;
  return { page, card, text, soft, line, accent, "on-accent": onAccent, good, warn, bad, idle };
}

function colorsOf(theme) {
  const valueOf = (source) => theme.getPropertyValue(source) || source;
  const found = Object.entries(SOURCES).map(([name, sources]) => [
    name,
    sources.map((source) => colorOf(valueOf(source))).find(Boolean),
  ]);
  return Object.fromEntries(found);
}

function styleOf(theme) {
  const given = colorsOf(theme);
  if (!given.page && !given.card) return {};
  const colors = palette(given);
  const texts = Object.entries(colors).map(([name, color]) => [
    `--${name}`,
    `rgb(${color.map((value) => Math.round(value * 255)).join(" ")})`,
  ]);
  const font = theme.getPropertyValue("--ha-font-family-body");
  const radius = theme.getPropertyValue("--ha-card-border-radius");
  return {
    ...Object.fromEntries(texts),
    "color-scheme": inkOn(colors.card) === BLACK ? "light" : "dark",
    "--font": computed("font-family", font),
    "--radius": computed("border-top-left-radius", radius),
  };
}

function wear(theme) {
  const { style } = document.documentElement;
  style.cssText = "";
  for (const [name, value] of Object.entries(styleOf(theme))) style.setProperty(name, value);
}

// Home Assistant has its fonts at hand; one that is not there at once would make the page jump.
function borrowFonts(page) {
  for (const { type, style } of [...page.styleSheets].flatMap(rulesOf)) {
    if (type !== CSSRule.FONT_FACE_RULE) continue;
    const [family, source, weight, slope] = ["font-family", "src", "font-weight", "font-style"].map(
      (name) => style.getPropertyValue(name),
    );
    document.fonts.add(new FontFace(family, source, { weight, style: slope, display: "optional" }));
  }
}

function rulesOf(sheet) {
  try {
    return [...sheet.cssRules];
  } catch {
    return []; // from another site
  }
}

function followTheme(root) {
  const theme = parent.getComputedStyle(root);
  const observer = new MutationObserver(() => wear(theme));
  const follow = () => {
    wear(theme);
    observer.observe(root, { attributeFilter: ["style"] });
  };
  follow();
  addEventListener("pageshow", follow); // again after a way back
  addEventListener("pagehide", () => observer.disconnect());
}

// Home Assistant's page, which holds this one; another site's refuses to be read.
function host() {
  try {
    return parent === window ? null : parent.document.documentElement;
  } catch {
    return null;
  }
}

const root = host();
if (root) {
  borrowFonts(root.ownerDocument);
  followTheme(root);
}
