// Search and filter in place: the address says what is looked for, and the stream brings it.
// Without this file the form loads the page anew.
const SETTLES_AFTER = 250;

export function filterInPlace(goTo) {
  const form = document.getElementById("filter");
  let timer;

  const apply = () => {
    clearTimeout(timer);
    const wanted = new URLSearchParams(new FormData(form));
    history.replaceState(null, "", `./?${wanted}`);
    goTo(`live?page=overview&${wanted}`);
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(apply, SETTLES_AFTER);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
}
