// Ask before a door is unlocked, in place; without this file the link leads to a page that asks.
export function askFirst() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-ask]");
    if (link) {
      event.preventDefault();
      ask(document.getElementById(link.dataset.ask), link);
    }
    event.target.closest("dialog [value=cancel]")?.closest("dialog").close();
  });
}

function ask(dialog, link) {
  const title = dialog.querySelector("[data-said]");
  const name = link.closest(".card").querySelector("h3").textContent;
  title.textContent = title.dataset.said.replace("{device}", () => name);
  dialog.querySelector("[name=device]").value = new URL(link.href).searchParams.get("device");
  dialog.showModal();
}
