// How are elements made without any text ever being read as markup?

export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

/** An element with properties, attributes (where no property has that name) and children. */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, heard] of Object.entries(value)) element.addEventListener(event, heard);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** The text of an element; nothing is laid out again where it says so already. */
export function say(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/** The words of a command, which no line breaks at a hyphen. */
export const command = (words) => words.split(" ").flatMap((word, k) => [k ? " " : "", make("span", {}, word)]);

const SVG = "http://www.w3.org/2000/svg";

/** The same for drawings. */
export function draw(tag, given = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
  element.append(...children.flat(Infinity));
  return element;
}

/** A short piece of an arm's line. */
export function swatch(place, kind = "line") {
  const line = draw("path", { class: `${kind} a${place}`, d: "M1 4H31" });
  return draw("svg", { class: "swatch", width: 32, height: 8, viewBox: "0 0 32 8", "aria-hidden": "true" }, line);
}

export const clone = (value) => structuredClone(value);
export const round = (value, digits = 3) => Number(value.toFixed(digits));
