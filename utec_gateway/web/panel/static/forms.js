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

export function beSureSomebodyListens() {
  const notice = document.getElementById("no-answer");
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (checked.delete(form) || form.method !== "post") return;
    event.preventDefault();
    if (await somebodyListens()) {
      checked.add(form);
      form.requestSubmit(event.submitter);
    } else {
      form.append(notice);
      notice.hidden = false;
    }
  });
}
