// When the sign-in came about in the other tab, go on; what is being typed meanwhile is kept.
const steps = document.getElementById("steps");
const isSignedIn = () => steps.querySelector("[data-signed-in]").dataset.signedIn === "yes";
const wasSignedIn = isSignedIn();

function isTyping() {
  const fields = document.querySelectorAll("main input:not([type=hidden], [name=address])");
  return [...fields].some(
    (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked,
  );
}

steps.addEventListener("fresh", () => {
  if (wasSignedIn || !isSignedIn()) return;
  const notice = document.getElementById("moved-on");
  const { leadsTo } = notice.dataset;
  notice.querySelector("a").href = leadsTo;
  if (isTyping()) notice.hidden = false;
  else location.replace(leadsTo);
});
