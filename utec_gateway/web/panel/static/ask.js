// Ask before a door is unlocked, in place; without this file the link leads to a page that asks.
export function askFirst() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-ask]");
    if (link) {
      event.preventDefault();
      ask(document.getElementById(link.dataset.ask), link.dataset);
    }
    event.target.closest("dialog [value=cancel]")?.closest("dialog").close();
  });
}

function ask(dialog, { name, device }) {
  const title = dialog.querySelector("[data-said]");
  title.textContent = title.dataset.said.replace("{device}", () => name);
  dialog.querySelector("[name=device]").value = device;
  dialog.showModal();
}
