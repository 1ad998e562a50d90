/* What a frame tells at once: counters, counts of the groups, the bar and the ribbon. */

const BAR = ["passed", "flaky", "failed", "error", "blocked", "skipped"];
const BAR_LEAST = 1.2;
const SLICES = 240;
const STEP = 5;
const HEIGHTS = { passed: 17, flaky: 32, blocked: 40, failed: 48, error: 48, skipped: 7 };
const LOUDEST_FIRST = ["failed", "error", "flaky", "blocked", "passed", "skipped"];
const SVG = "http://www.w3.org/2000/svg";
const digits = new Intl.NumberFormat("en");
let before;

export function showFrame({ counts, new_failures: news }) {
  const figures = figuresOf(counts, news);
  for (const [name, value] of Object.entries(figures)) write(name, value);
  if (!new URLSearchParams(location.search).get("q") && !new URLSearchParams(location.search).get("status")) {
    for (const [name, value] of Object.entries(groupsOf(counts, news))) writeGroup(name, value);
  }
  showBar(counts);
  if (before) showArrivals(counts, figures);
  before = counts;
}

function figuresOf(counts, news) {
  const least = Number(document.querySelector("[data-count=expected]")?.dataset.least ?? 0);
  const expected = Math.max(least, counts.total);
  const done = counts.total - counts.pending;
  const figures = { ...counts, done, expected, percent: expected ? Math.floor((100 * done) / expected) : 0 };
  if (news !== undefined) {
    figures.new = news;
    figures.known = counts.failed + counts.error - news;
  }
  return figures;
}

function groupsOf(counts, news) {
  const groups = {
    flaky: counts.flaky,
    pending: counts.pending,
    rest: counts.passed - counts.flaky + counts.skipped + counts.blocked,
  };
  if (news !== undefined) Object.assign(groups, { new: news, failed: counts.failed + counts.error - news });
  return groups;
}

function write(name, value) {
  for (const figure of document.querySelectorAll(`[data-count="${name}"]`)) {
    const words = digits.format(value);
    if (figure.textContent !== words) figure.textContent = words;
  }
}

export function writeGroup(name, count) {
  const group = document.querySelector(`[data-groups] [data-group="${name}"]`);
  if (!group) return;
  group.hidden = count === 0;
  group.querySelector("[data-group-count]").textContent = digits.format(count);
}

/* As testoqa/graphics.py draws it: small segments are widened at the cost of the widest. */
function showBar(counts) {
  const bar = document.querySelector("[data-part=progress] .bar");
  if (!bar || !counts.total) return;
  const shown = { ...counts, passed: Math.max(0, counts.passed - counts.flaky) };
  const segments = BAR.filter((status) => shown[status]).map((status) => ({
    status,
    width: Math.max(BAR_LEAST, (100 * shown[status]) / counts.total),
  }));
  const surplus = segments.reduce((sum, { width }) => sum + width, 0) - 100;
  if (surplus > 0) segments.reduce((a, b) => (b.width > a.width ? b : a)).width -= surplus;
  let x = 0;
  bar.replaceChildren(
    ...segments.map(({ status, width }) => {
      const rect = document.createElementNS(SVG, "rect");
      rect.dataset.s = status;
      rect.setAttribute("x", `${x}%`);
      rect.setAttribute("width", `${width}%`);
      rect.setAttribute("height", "100%");
      x += width;
      return rect;
    }),
  );
}

/* What came since the last frame, as slices at the end; the server draws the ribbon anew soon after. */
function showArrivals(counts, { done, expected }) {
  const ribbon = document.querySelector("[data-part=progress] .ribbon");
  const cursor = ribbon?.querySelector(".cursor");
  if (!cursor || !expected) return;
  const came = LOUDEST_FIRST.filter((status) => counts[status] > before[status]);
  const at = Number(cursor.getAttribute("d").match(/^M([\d.]+)/)[1]) - 1;
  const to = Math.min(SLICES, Math.min(done, Math.round((SLICES * done) / expected))) * STEP;
  if (!came.length || to <= at) return;
  const path = document.createElementNS(SVG, "path");
  path.dataset.s = came[0];
  let line = "";
  for (let x = at; x < to; x += STEP) line += `M${x + STEP / 2} 52v-${HEIGHTS[came[0]]}`;
  path.setAttribute("d", line);
  ribbon.insertBefore(path, cursor);
  cursor.setAttribute("d", `M${to + 1} 0v52`);
}
