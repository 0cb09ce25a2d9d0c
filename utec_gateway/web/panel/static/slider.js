// A slider sends its level once, when it is let go; until that is done nobody else moves it.
const SETTLES_AFTER = 500; // each press of a key is a change, and a press is not the last one
const held = new WeakSet();
const timers = new WeakMap();

export const isHeld = (form) => held.has(form);

function follow({ form, value }) {
  held.add(form);
  const shown = form.querySelector("output");
  shown.textContent = shown.dataset.said.replace("{level}", value);
}

function sendSoon({ form }) {
  clearTimeout(timers.get(form));
  timers.set(form, setTimeout(() => form.requestSubmit(), SETTLES_AFTER));
}

export function sendOnRelease() {
  const onSlider = (act) => (event) => event.target.type === "range" && act(event.target);
  document.addEventListener("input", onSlider(follow));
  document.addEventListener("change", onSlider(sendSoon));
  document.addEventListener("sent", (event) => held.delete(event.target));
}
