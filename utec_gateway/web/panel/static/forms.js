// Before a form leaves, be sure that somebody listens: a session may have ended and the gateway
// may be restarting. Then the page stays, and everything that was typed with it.
const ANSWER_WITHIN = 10000;
const checked = new WeakSet();

async function somebodyListens() {
  try {
    const answer = await fetch("alive", { signal: AbortSignal.timeout(ANSWER_WITHIN) });
    return answer.ok;
  } catch {
    return false;
  }
}

// A form of a live part is sent without leaving the page, so that focus and place stay. What is
// refused leads on to another page: then it is sent as any form, and that page says why.
async function sentInPlace(form, button) {
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.set(button.name, button.value);
  const address = button?.getAttribute("formaction") ?? form.action;
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN);
    const how = { method: "POST", body: fields, redirect: "manual", signal };
    return (await fetch(address, how)).type === "opaqueredirect";
  } catch {
    return true; // it may have arrived, so it is not sent twice; the live page shows what came of it
  }
}

async function send(form, button, notice) {
  if (!(await somebodyListens())) {
    (button?.closest(".card") ?? form).append(notice);
    notice.hidden = false;
  } else if (!("inPlace" in form.dataset && (await sentInPlace(form, button)))) {
    checked.add(form);
    form.requestSubmit(button);
  }
}

export function beSureSomebodyListens() {
  const notice = document.getElementById("no-answer");
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (checked.delete(form) || form.method !== "post" || "straight" in form.dataset) return;
    event.preventDefault();
    await send(form, event.submitter, notice);
    form.dispatchEvent(new Event("sent", { bubbles: true }));
  });
}
