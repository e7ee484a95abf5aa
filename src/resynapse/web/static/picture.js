// How does a drawing that this page made leave it as a file, in the colours that are seen?

import { draw } from "./dom.js";

const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "paint-order", "opacity", "font-family", "font-size", "font-weight"];
const LINE = 18;
const EDGE = 12;
const LETTERS = 72;

/** A whole SVG file: title above, ``words`` below, every style written into its element. */
export function alone(svg, title, words) {
  const copy = svg.cloneNode(true);
  const shown = [svg, ...svg.querySelectorAll("*")];
  const made = [copy, ...copy.querySelectorAll("*")];
  const unseen = made.filter((one, k) => { const { display, opacity } = getComputedStyle(shown[k]); return display === "none" || opacity === "0"; });
  made.forEach((one, k) => styled(one, getComputedStyle(shown[k])));
  for (const one of unseen) one.remove();
  const { x, y, width, height } = svg.viewBox.baseVal;
  const lines = words.flatMap(wrapped);
  const page = getComputedStyle(document.body);
  const box = [x - EDGE, y - 2 * LINE, width + 2 * EDGE, height + (lines.length + 3) * LINE];
  const said = (text, at, weight) => draw("text", { x, y: at, fill: page.color, "font-family": page.fontFamily, "font-size": 12, "font-weight": weight }, text);
  copy.prepend(draw("rect", { x: box[0], y: box[1], width: box[2], height: box[3], fill: page.backgroundColor }));
  copy.append(said(title, y - LINE / 2, 600), ...lines.map((line, k) => said(line, y + height + (k + 1) * LINE, 400)));
  for (const [name, value] of Object.entries({ viewBox: box.join(" "), width: box[2], height: box[3] })) copy.setAttribute(name, value);
  return new XMLSerializer().serializeToString(copy);
}

function styled(element, style) {
  for (const name of KEPT) element.setAttribute(name, style.getPropertyValue(name));
  element.removeAttribute("class");
}

function wrapped(words) {
  const lines = [""];
  for (const word of words.split(" ")) {
    if (lines.at(-1).length + word.length > LETTERS) lines.push("");
    lines.push(`${lines.pop()} ${word}`.trim());
  }
  return lines;
}
