/* An icon of the sprite, as the templates write it. Filled ones (s-) take the colour of their result. */

const SVG = "http://www.w3.org/2000/svg";
const sprite = new URL("../icons/sprite.svg", import.meta.url).pathname;

export function iconOf(symbol) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  if (symbol.startsWith("s-")) svg.dataset.s = symbol.slice(2);
  use.setAttribute("href", `${sprite}#${symbol}`);
  svg.append(use);
  return svg;
}
