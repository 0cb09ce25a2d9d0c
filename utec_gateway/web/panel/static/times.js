// Moments in the reader's own zone and manner: "today 16:05", "Sunday 14:00", "4 Dec, 09:30".
const DAY = 24 * 60 * 60 * 1000;
const page = document.documentElement.lang;
const locale = navigator.language.startsWith(page) ? navigator.language : page;
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const dayOnly = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
const exact = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const days = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const passed = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "auto" });
const UNITS = { hour: 3600, minute: 60, second: 1 };
const TICK = 1000;
const ahead = aheadOfTheReader();

// The reader's clock may be wrong: the page says when it was made, and it came at once.
function aheadOfTheReader() {
  const made = document.querySelector("meta[name=now]")?.content;
  const [{ responseStart }] = performance.getEntriesByType("navigation");
  return made ? made - performance.timeOrigin - responseStart : 0;
}

function daysFromToday(moment) {
  const midnight = (when) => new Date(when.getFullYear(), when.getMonth(), when.getDate());
  return Math.round((midnight(moment) - midnight(new Date())) / DAY);
}

function said(moment) {
  const away = daysFromToday(moment);
  if (Math.abs(away) <= 1) return `${days.format(away, "day")} ${clock.format(moment)}`;
  if (away > 1 && away < 7) return `${weekday.format(moment)} ${clock.format(moment)}`;
  const isThisYear = moment.getFullYear() === new Date().getFullYear();
  return `${(isThisYear ? date : otherYear).format(moment)}, ${clock.format(moment)}`;
}

function saidDay(date) {
  const away = daysFromToday(date);
  return away === 0 || away === -1 ? days.format(away, "day") : dayOnly.format(date);
}

function saidBriefly(moment) {
  return daysFromToday(moment) === 0 ? clock.format(moment) : said(moment);
}

// Under a heading with the server's day, the clock is enough where the reader's day is the same.
function saidBelow(day, moment) {
  return moment.toDateString() === midnightOf(day).toDateString() ? clock.format(moment) : said(moment);
}

function midnightOf(day) {
  return new Date(`${day}T00:00`);
}

// "12 seconds ago"; what is older than a day has a date.
function ago(moment) {
  const seconds = Math.max(0, Math.floor((Date.now() + ahead - moment) / 1000));
  if (seconds * 1000 >= DAY) return said(moment);
  const [unit, size] = Object.entries(UNITS).find(([, size]) => seconds >= size) ?? ["second", 1];
  return passed.format(-Math.floor(seconds / size), unit); // -0 is "now"
}

function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("time[data-style=ago]")) {
    const text = ago(new Date(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}

export function letTimePass() {
  setInterval(tick, TICK);
}

export function localize(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    if (element.dateTime.length === "2026-01-31".length) {
      element.textContent = saidDay(midnightOf(element.dateTime));
      continue;
    }
    const moment = new Date(element.dateTime);
    const { day, style } = element.dataset;
    if (style === "exact") element.textContent = exact.format(moment);
    else if (style === "brief") element.textContent = saidBriefly(moment);
    else if (style === "ago") element.textContent = ago(moment);
    else element.textContent = day ? saidBelow(day, moment) : said(moment);
    element.title = whole.format(moment);
  }
}
