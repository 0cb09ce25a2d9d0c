// Ask before a door is unlocked, in place; without this file the link leads to a page that asks.
export function askFirst() {
  const dialog = document.getElementById("ask");
  if (!dialog) return;
  const title = dialog.querySelector("[data-said]");
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-ask]");
    if (!link) return;
    event.preventDefault();
    title.textContent = title.dataset.said.replace("{lock}", () => link.dataset.name);
    dialog.querySelector("[name=lock]").value = link.dataset.ask;
    dialog.showModal();
  });
  dialog.querySelector("[value=cancel]").addEventListener("click", () => dialog.close());
}
