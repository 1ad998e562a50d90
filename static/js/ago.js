/* <time data-ago> says how long ago it was, and goes on saying so; data-ago="…" is what it says of
   the first minute in a sentence. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function age(moment, now, first) {
  const passed = now - moment;
  if (passed < MINUTE) return first || "now";
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h ago`;
  return `${Math.floor(passed / DAY)} d ago`;
}

export function refresh(root = document) {
  const now = Date.now();
  for (const time of root.querySelectorAll("time[data-ago]")) {
    const moment = Date.parse(time.dateTime);
    // Older ones show a date, in the zone of the account, which only the server knows.
    if (now - moment < 14 * DAY) {
      const words = age(moment, now, time.dataset.ago);
      if (time.textContent !== words) time.textContent = words;
    }
  }
}

setInterval(refresh, 30_000);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
