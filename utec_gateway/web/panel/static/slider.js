// A slider sends its level once, when it is let go; until that is done nobody else moves it.
const SETTLES_AFTER = 500; // each press of a key is a change, and a press is not the last one
const held = new Map(); // forms, each with the timer of what is about to be sent

export const isHeld = (form) => held.has(form);

function follow({ form, value }) {
  if (!isHeld(form)) held.set(form, null);
  const shown = form.querySelector("output");
  shown.textContent = shown.dataset.said.replace("{level}", value);
}

function sendSoon({ form }) {
  clearTimeout(held.get(form));
  held.set(form, setTimeout(() => form.requestSubmit(), SETTLES_AFTER));
}

// Who moves it away and back again has changed nothing, and the news move it once more.
function letGo() {
  for (const [form, timer] of held) if (timer === null) held.delete(form);
}

export function sendOnRelease() {
  const onSlider = (act) => (event) => event.target.type === "range" && act(event.target);
  document.addEventListener("input", onSlider(follow));
  document.addEventListener("change", onSlider(sendSoon));
  document.addEventListener("sent", (event) => held.delete(event.target));
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => setTimeout(letGo)); // after its change, if there is one
  }
}
