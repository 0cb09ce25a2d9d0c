// Ask before a door is unlocked, in place; without this file the link leads to a page that asks.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".card a[href^='confirm?']");
  if (link) {
    event.preventDefault();
    ask(link);
  }
  event.target.closest("dialog [value=cancel]")?.closest("dialog").close();
});

function ask(link) {
  const wanted = new URL(link.href).searchParams;
  const dialog = document.getElementById(`ask-${wanted.get("operation") ?? "unlock"}`);
  const title = dialog.querySelector("[data-said]");
  const name = link.closest(".card").querySelector("h3").textContent;
  title.textContent = title.dataset.said.replace("{device}", () => name);
  dialog.querySelector("[name=device]").value = wanted.get("device");
  dialog.showModal();
}
