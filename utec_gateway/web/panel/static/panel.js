// Everything works without this file; it adds what a page alone cannot do.
import { beSureSomebodyListens } from "./forms.js";
import { follow } from "./live.js";
import { letTimePass, localize } from "./times.js";

localize(document);
letTimePass();
beSureSomebodyListens();
const { live } = document.body.dataset;
// Few pages have something to copy or to search, and a first visit should load little.
if (document.querySelector("[data-copy]")) {
  import("./copy.js").then(({ copyOnClick }) => copyOnClick());
}
if (live) {
  const goTo = follow(live);
  if (document.getElementById("filter")) {
    import("./filter.js").then(({ filterInPlace }) => filterInPlace(goTo));
  }
}
