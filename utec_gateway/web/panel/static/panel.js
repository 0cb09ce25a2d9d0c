// Everything works without this file; it adds what a page alone cannot do.
import { askFirst } from "./ask.js";
import { copyOnClick } from "./copy.js";
import { beSureSomebodyListens } from "./forms.js";
import { follow } from "./live.js";
import { sendOnRelease } from "./slider.js";
import { letTimePass, localize } from "./times.js";

localize(document);
letTimePass();
askFirst();
copyOnClick();
beSureSomebodyListens();
sendOnRelease();
const { live } = document.body.dataset;
if (live) {
  const goTo = follow(live);
  if (document.getElementById("filter")) {
    import("./filter.js").then(({ filterInPlace }) => filterInPlace(goTo));
  }
}
