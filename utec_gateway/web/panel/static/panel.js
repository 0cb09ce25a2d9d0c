// Everything works without this file; it adds what a page alone cannot do.
import { askFirst } from "./ask.js";
import { copyOnClick } from "./copy.js";
import { beSureSomebodyListens } from "./forms.js";
import { follow } from "./live.js";
import { sendOnRelease } from "./slider.js";
import { localize } from "./times.js";

localize(document);
askFirst();
copyOnClick();
beSureSomebodyListens();
sendOnRelease();
if (document.body.dataset.live) follow(document.body.dataset.live);
