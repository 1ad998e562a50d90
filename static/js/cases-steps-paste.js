/* What somebody pastes into a step, as steps: lines of a text, or the rows of a table from a spreadsheet. */

const NAMES = ["action", "expected", "data"];
const HEADS = {
  action: /^(test |case )?(steps?|actions?|step action|step description|description)$/i,
  expected: /^((step )?expected( results?| outcome)?|results?)$/i,
  data: /^((test|step) data|data|inputs?)$/i,
  number: /^(#|no\.?|nr\.?|number|step (no\.?|#|number)|id)$/i,
};
const MARK = /^\s*(?:\d+[.)]|[-*•])\s+/;

// A browser would complain of each style, which the policy of the page forbids.
const unstyled = (html) =>
  html
    .replace(/<style[\s\S]*?<\/style>/gi, "")
    .replace(/<[a-z](?:"[^"]*"|'[^']*'|[^"'>])*>/gi, (tag) =>
      tag.replace(/\sstyle\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, ""),
    );

/* Cells as text; null where the clipboard holds anything beside one table. */
function tableIn(html) {
  const page = new DOMParser().parseFromString(unstyled(html), "text/html");
  const tables = page.querySelectorAll("table");
  if (tables.length !== 1) return null;
  for (const end of tables[0].querySelectorAll("br, p:not(:last-child), div:not(:last-child)")) {
    if (end.matches("br")) end.replaceWith("\u2028");
    else end.append("\u2028");
  }
  const rows = [...tables[0].rows].map((row) => [...row.cells].map(textOf));
  tables[0].remove();
  page.querySelectorAll("style, script, title").forEach((element) => element.remove());
  return page.documentElement.textContent.trim() ? null : rows;
}

// The lines of the markup mean nothing; those of the cell were marked before.
const textOf = (cell) =>
  cell.textContent
    .replace(/[\t\n\r ]+/g, " ")
    .split("\u2028")
    .map((line) => line.trim())
    .join("\n")
    .trim();

/* Tab-separated text; a cell with ends of lines stands in quotes. */
function tabbed(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"(?=\t|\r?\n|$)|([^\t\r\n]*))(\t|\r?\n|$)/gy;
  let found;
  while (cell.lastIndex < text.length && (found = cell.exec(text))) {
    rows.at(-1).push((found[1]?.replaceAll('""', '"') ?? found[2]).trim());
    if (found[3].endsWith("\n")) rows.push([]);
    if (!found[3]) break;
  }
  return rows;
}

function headed(row) {
  const kinds = row.map((cell) => Object.keys(HEADS).find((name) => HEADS[name].test(cell)));
  const known = kinds.filter((kind) => kind && kind !== "number");
  const whole = row.every((cell, place) => !cell || kinds[place]);
  return row.length > 1 && whole && known.includes("action") ? kinds : null;
}

const counted = (rows) =>
  rows.length > 0 &&
  rows[0].length > 1 &&
  rows.every((row, place) => Number.parseInt(row[0], 10) === place + 1 && /^\d+[.)]?$/.test(row[0]));

/* Steps of a table: by its heads where it has some, else from the field on that it was pasted into. */
function stepsOf(table, name) {
  let rows = table.filter((row) => row.some(Boolean));
  const width = Math.max(...rows.map((row) => row.length), 0);
  let kinds = rows.length > 1 ? headed(rows[0]) : null;
  if (kinds) {
    rows = rows.slice(1);
  } else {
    const numbered = counted(rows);
    const names = NAMES.slice(NAMES.indexOf(numbered ? "action" : name));
    kinds = [...(numbered ? ["number"] : []), ...names];
  }
  // What has no place of its own goes with the last that has one.
  const spare = kinds.findLast((kind) => kind && kind !== "number");
  return rows.map((row) => {
    const step = {};
    for (let place = 0; place < width; place += 1) {
      const kind = place < kinds.length ? kinds[place] : spare;
      if (!row[place] || kind === "number") continue;
      const into = kind ?? spare;
      step[into] = step[into] ? `${step[into]}\n${row[place]}` : row[place];
    }
    return step;
  });
}

function linesOf(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.trim());
  const marked = lines.every((line) => MARK.test(line));
  return lines.map((line) => (marked ? line.replace(MARK, "") : line).trim());
}

/* [{action, expected, data}], or null for a text that belongs where the caret is. */
export function stepsIn(clipboard, name) {
  const text = clipboard.getData("text/plain");
  const html = clipboard.getData("text/html");
  const table = (html && tableIn(html)) || (text.includes("\t") ? tabbed(text) : null);
  if (table) {
    const steps = stepsOf(table, name);
    const cells = steps.reduce((sum, step) => sum + Object.keys(step).length, 0);
    return cells > 1 ? steps : null;
  }
  if (name !== "action") return null;
  const lines = linesOf(text);
  return lines.length > 1 ? lines.map((action) => ({ action })) : null;
}
