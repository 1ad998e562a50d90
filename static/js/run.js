/* The page of a run: frames move its head at once, changed rows are fetched, and rows are held while
   somebody reads. Everything is looked up when it is needed, since htmx may put the page back anew. */

import "./run-drawer.js";
import { connect } from "./run-socket.js";
import { showFrame } from "./run-head.js";
import { follow, refresh, startOver } from "./run-updates.js";

const SAY_EVERY = 15_000;
let said = 0;

const page = () => document.querySelector("[data-run]");

/* One sentence for screen readers, at most every 15 seconds. */
function say({ counts, new_failures: news }) {
  const line = document.querySelector("[data-said]");
  if (!line || Date.now() - said < SAY_EVERY) return;
  said = Date.now();
  const done = counts.total - counts.pending;
  const failures = news ?? counts.failed + counts.error;
  line.textContent = `${done} of ${counts.total} done, ${failures} ${news === undefined ? "" : "new "}failures.`;
}

const FINISHED = new Set(["passed", "failed", "partial", "cancelled", "error"]);
let [state, words] = ["", ""]; // of the socket, as it said last

function showState() {
  const pill = document.querySelector("[data-pill]");
  if (!pill || !words) return;
  const status = document.querySelector("[data-part=head]").dataset.status;
  pill.hidden = state === "live" && FINISHED.has(status);
  pill.classList.toggle("wait", state === "wait");
  pill.classList.toggle("off", state === "off");
  if (pill.textContent !== words) pill.textContent = words;
}

if (page()) {
  follow({ onStatus: showState });
  connect({
    address: () => page().dataset.socket,
    since: () => page().dataset.seq,
    onFrame(frame) {
      showFrame(frame);
      say(frame);
      const behind = frame.seq > Number(page().dataset.seq);
      if (behind || frame.status !== document.querySelector("[data-part=head]").dataset.status) refresh();
    },
    onResync: startOver,
    onPoll: refresh,
    onState(...said) {
      [state, words] = said;
      showState();
    },
  });
}
