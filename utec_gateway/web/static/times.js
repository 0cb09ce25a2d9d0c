// Moments in the reader's own zone and manner: "today 16:05", "Sunday 14:00", "4 Dec, 09:30".
const DAY = 24 * 60 * 60 * 1000;
const page = document.documentElement.lang;
const locale = navigator.language.startsWith(page) ? navigator.language : page;
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(locale, { weekday: "long" });
const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const otherYear = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const whole = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
const days = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

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

export function localize(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(element.dateTime);
    element.textContent = said(moment);
    element.title = whole.format(moment);
  }
}
