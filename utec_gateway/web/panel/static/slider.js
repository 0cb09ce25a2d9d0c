// A slider sends its level once, when it is let go; until that is done nobody else moves it.
const SETTLES_AFTER = 500; // each press of a key is a change, and a press is not the last one
const held = new Map(); // forms, each with the timer of what is about to be sent

// morph.js leaves such a form as it is.
function hold(form, timer) {
  held.set(form, timer);
  form.dataset.held = "";
}

function release(form) {
  held.delete(form);
  delete form.dataset.held;
}

function follow({ form, value }) {
  if (!held.has(form)) hold(form, null);
  const shown = form.querySelector("output");
  shown.textContent = shown.dataset.said.replace("{level}", value);
}

function sendSoon({ form }) {
  clearTimeout(held.get(form));
  const timer = setTimeout(() => form.requestSubmit(), SETTLES_AFTER);
  hold(form, timer);
}

// Who moves it away and back again has changed nothing, and the news move it once more.
function letGo() {
  for (const [form, timer] of held) if (timer === null) release(form);
}

const onSlider = (act) => (event) => event.target.type === "range" && act(event.target);
document.addEventListener("input", onSlider(follow));
document.addEventListener("change", onSlider(sendSoon));
document.addEventListener("sent", (event) => release(event.target));
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => setTimeout(letGo)); // after its change, if there is one
}
