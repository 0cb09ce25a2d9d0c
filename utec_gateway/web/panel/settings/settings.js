// What is saved or tried on this page happens in place, so that one stays where one is.
// Without this file each form leads to the same page again.
import { morph } from "./morph.js";
import { localize } from "./times.js";

const ANSWER_WITHIN = 90000; // a test message may take half a minute
const form = document.getElementById("options");
const bar = document.getElementById("bar");
const said = document.getElementById("said");

function isChanged(field) {
  if (field.type === "password") return field.value !== "";
  const was = form.elements[`was.${field.name}`];
  if (!was || field.type === "hidden") return false;
  const value = field.type === "checkbox" ? (field.checked ? "on" : "off") : field.value;
  return value !== was.value;
}

function showBar() {
  const hasChanged = [...form.elements].some(isChanged);
  if (hasChanged && !said.textContent) said.textContent = bar.dataset.said;
  bar.hidden = !hasChanged && !said.textContent;
}

form.addEventListener("input", (event) => {
  event.target.closest(".field").querySelector(".saved")?.remove();
  said.textContent = said.className = "";
  showBar();
});

async function answerTo(sent) {
  const body = new URLSearchParams(new FormData(sent));
  const signal = AbortSignal.timeout(ANSWER_WITHIN);
  const answer = await fetch(sent.action, { method: "POST", body, signal });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { page, isDone: answer.redirected };
}

function take(page) {
  localize(page);
  for (const part of page.querySelectorAll(".setting")) {
    const shown = document.getElementById(part.id);
    morph(shown, part);
    shown.open ||= part.open;
  }
  const fresh = page.getElementById("said");
  said.textContent = fresh.textContent;
  said.className = fresh.className;
}

async function sendHere(sent) {
  try {
    const { page, isDone } = await answerTo(sent);
    take(page);
    if (isDone) form.reset();
    else form.querySelector("[aria-invalid]")?.focus();
  } catch {
    said.textContent = bar.dataset.unsure; // it may have arrived
    said.className = "problem";
  }
  showBar();
}

document.getElementById("content").addEventListener("submit", async (event) => {
  if (!("here" in event.target.dataset)) return;
  event.preventDefault();
  event.stopPropagation(); // forms.js asks whether anybody listens; here nothing is lost if not
  const button = event.submitter;
  button?.setAttribute("aria-busy", "true");
  await sendHere(event.target);
  button?.removeAttribute("aria-busy");
});

function openTarget() {
  const target = document.getElementById(location.hash.slice(1));
  const section = target?.closest("details");
  if (!section || section.open) return;
  section.open = true;
  target.scrollIntoView();
}

addEventListener("hashchange", openTarget);
openTarget();
showBar();
