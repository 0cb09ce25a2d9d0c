// The page follows what happens: one stream, asked for again whenever it breaks off or falls silent.
import { morph } from "./morph.js";
import { localize } from "./times.js";

const SILENT_AFTER = 15000;
const AGAIN_AFTER = 3000;

// Returns what follows another address from now on, when the reader looks for something else.
export function follow(address) {
  const sign = document.getElementById("not-live");
  let stream;
  let heard;

  const isLive = (yes) => {
    const text = yes ? "" : sign.dataset.said;
    if (sign.textContent !== text) sign.textContent = text;
  };

  const show = (event) => {
    heard = Date.now();
    isLive(true);
    for (const [id, html] of Object.entries(JSON.parse(event.data))) {
      const fresh = document.createElement("div");
      fresh.innerHTML = html;
      localize(fresh);
      const part = document.getElementById(id);
      morph(part, fresh);
      part.dispatchEvent(new Event("fresh", { bubbles: true }));
    }
  };

  const open = () => {
    stream?.close();
    heard = Date.now();
    stream = new EventSource(address);
    stream.onmessage = show;
    stream.onerror = () => isLive(false);
  };

  const look = () => {
    const isSilent = Date.now() - heard > SILENT_AFTER;
    if (isSilent) isLive(false);
    if (isSilent || stream.readyState === EventSource.CLOSED) open();
  };

  open();
  setInterval(look, AGAIN_AFTER);
  document.addEventListener("visibilitychange", () => document.hidden || look());
  return (other) => {
    address = other;
    open();
  };
}
