// What can a person do with a figure: read it off, hide an arm, take it away?

import { $, draw, make, swatch } from "./dom.js";
import { takeFigure } from "./take_away.js";

const NARROW = 328;
const WIDE = 440;
const GAP = 40;
const names = new Map();

/** Narrow figures on a telephone, and where two of them fit beside one another but two wide ones do not. */
export function width() {
  const room = $("#figures").clientWidth;
  const beside = room >= 2 * NARROW + GAP && room < 2 * WIDE + GAP;
  return innerWidth <= 720 || beside ? "narrow" : "wide";
}

/** Names of arms by the number of their colour. */
export function nameArms(arms) {
  names.clear();
  for (const arm of arms) names.set(arm.place, arm.name);
}

/** Which tables of a part are open, so that they still are after it was drawn again. */
export function keepOpen(part) {
  const opened = new Set([...part.querySelectorAll("details[open] > summary")].map((one) => one.textContent));
  return () => {
    for (const one of part.querySelectorAll("details > summary")) one.parentElement.open = opened.has(one.textContent);
  };
}

/** Read-out and menu for every figure of a part of a programme; ``drawn`` gives the file of one by its name. */
export function enhance(part, drawn, programme) {
  for (const figure of part.querySelectorAll("figure")) {
    for (const svg of figure.querySelectorAll("svg[data-x]")) listen(figure, svg);
    const plot = figure.querySelector(".plot");
    const { figure: name } = figure.dataset;
    if (name) plot.insertBefore(menu(figure.querySelector("figcaption b").textContent, name, () => drawn(name), programme), plot.querySelector("details"));
  }
}

/** Buttons that save a figure as a drawing and as a picture. */
export function menu(title, name, drawn, programme) {
  const button = (kind) => make("button", { class: "btn bare", type: "button", "aria-label": `${kind} of ${title}`, on: { click: () => takeFigure(name, kind, drawn, programme) } }, kind);
  return make("div", { class: "menu" }, button("SVG"), button("PNG"));
}

function listen(figure, svg) {
  svg.addEventListener("pointermove", (event) => read(figure, svg, event));
  svg.addEventListener("pointerleave", () => clear(figure, svg));
}

function clear(figure, svg) {
  figure.querySelector(".readout")?.remove();
  svg.querySelector(".cursor")?.remove();
}

function read(figure, svg, event) {
  const [left, right, low, high] = svg.dataset.x.split(" ").map(Number);
  const [base, top, bottom, ceiling] = svg.dataset.y.split(" ").map(Number);
  const box = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / box.width;
  const x = (event.clientX - box.left) * scale;
  clear(figure, svg);
  if (x < left || x > right) return;
  const lines = [...svg.querySelectorAll("path.line:not(.single), path.rival")].filter((line) => visible(line));
  const values = lines.map((line) => [line, height(line, x)]).filter(([, y]) => y !== null);
  if (!values.length) return;
  svg.append(draw("path", { class: "cursor", d: `M${x} ${top}V${base}` }));
  const time = low + ((x - left) / (right - left)) * (high - low);
  const word = svg.dataset.over.split(" ")[0];
  const rows = values.map(([line, y]) => {
    const share = (base - y) / (base - top);
    const value = "log" in svg.dataset ? bottom * (ceiling / bottom) ** share : bottom + share * (ceiling - bottom);
    return make("span", {}, sample(line), make("b", {}, written(value)), who(line));
  });
  const shown = make("div", { class: "readout", "aria-hidden": "true" }, `${word} ${time.toFixed(time < 20 ? 1 : 0)}`, rows);
  figure.append(shown);
  const place = figure.getBoundingClientRect();
  const beside = event.clientX - place.left + 16;
  const room = place.width - shown.offsetWidth;
  shown.style.setProperty("left", `${Math.max(0, beside > room ? event.clientX - place.left - shown.offsetWidth - 16 : beside)}px`);
  shown.style.setProperty("top", `${Math.max(0, event.clientY - place.top - shown.offsetHeight - 8)}px`);
}

const visible = (line) => getComputedStyle(line).display !== "none" && Number(getComputedStyle(line).opacity) > 0.5 && !line.closest(".swatch");
const number = (line) => Number(/\ba(\d)\b/.exec(line.getAttribute("class"))?.[1] ?? 0);

function sample(line) {
  const kind = line.classList.contains("rival") ? "rival" : "line";
  const copy = swatch(number(line) || 1, kind);
  if (!number(line)) copy.firstChild.setAttribute("class", line.getAttribute("class"));
  return copy;
}

/** What a line is: an arm, or what the part says of the lines of this figure. */
function who(line) {
  const said = line.closest("[data-lines]")?.dataset.lines;
  if (said) return JSON.parse(said)[line.closest("figure").dataset.figure]?.[`a${number(line)}`] ?? "";
  const rival = line.classList.contains("rival") ? ", expectancy alone" : "";
  const name = names.get(number(line)) ?? [...line.classList].filter((one) => one !== "line").join(" ");
  return `${name}${rival}`;
}

const written = (value) => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2));

/** Where a drawn line stands above x: its corners are its data. */
function height(line, x) {
  const corners = [...line.getAttribute("d").matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map((found) => [Number(found[1]), Number(found[2])]);
  for (let k = 1; k < corners.length; k += 1) {
    const [x0, y0] = corners[k - 1];
    const [x1, y1] = corners[k];
    if (x0 <= x && x <= x1) return x1 === x0 ? y1 : y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
  }
  return null;
}
