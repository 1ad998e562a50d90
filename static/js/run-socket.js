/* The socket of a run: reconnects by itself, and asks over HTTP meanwhile when it stays away. */

const SILENCE = 40_000; // the server is heard at least every 15 s
const HANDSHAKE = 10_000; // some proxies neither open a socket nor refuse it
const POLL = 10_000;
const TRIES = 3;
const ENDS = {
  4401: "Signed out: reload to sign in",
  4403: "You are no longer in this project",
  4404: "This run is gone",
};

export function connect({ address, since, onFrame, onResync, onPoll, onState }) {
  let failures = 0;
  let silence = 0;
  let polling = 0;
  let socket;

  function hear(within = SILENCE) {
    clearTimeout(silence);
    silence = setTimeout(() => socket.close(), within);
  }

  function poll() {
    onPoll();
    polling = setTimeout(poll, POLL);
  }

  function stopPolling() {
    clearTimeout(polling);
    polling = 0;
  }

  function open() {
    const url = new URL(address(), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("since", since());
    socket = new WebSocket(url);
    hear(HANDSHAKE);
    socket.addEventListener("open", () => hear());
    socket.addEventListener("message", (event) => {
      hear();
      stopPolling();
      const frame = JSON.parse(event.data);
      failures = 0;
      onState("live", "Live");
      if (frame.resync) onResync();
      else if (frame.counts) onFrame(frame);
    });
    socket.addEventListener("close", lost);
  }

  function lost(event) {
    clearTimeout(silence);
    if (event.code in ENDS) {
      stopPolling();
      return onState("off", ENDS[event.code]);
    }
    failures += 1;
    if (failures > TRIES) {
      onState("off", "Polling every 10 s");
      if (!polling) poll();
      return setTimeout(open, POLL);
    }
    wait(2 ** (failures - 1));
  }

  function wait(seconds) {
    if (!seconds) return open();
    onState("wait", `Reconnecting, ${seconds} s`);
    setTimeout(wait, 1000, seconds - 1);
  }

  // A page put back by the back button has lost its socket without a word.
  addEventListener("pageshow", (event) => event.persisted && socket.close());
  open();
}
