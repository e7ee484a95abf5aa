// What does a person see of the circuit over minutes, days and months, arm beside arm?

import { $, make, say, swatch } from "./dom.js";
import { ask } from "./api.js";
import { REGIONS, brain, signs } from "./brain.js";
import { keepOpen, menu } from "./figures.js";
import { alone } from "./picture.js";
import { place, store } from "./store.js";

const root = $("#brain");
const UNSEEN = "Model quantity. No human study has shown this.";
const LETTERS = `${REGIONS.map(([letters, words]) => `${letters}: ${words}`).join("; ")}.`;
const NEAR = 1;
/** Height of a row of returns to use, px. */
const ROW = 12;
const FRAME = 120;
const STEPPED = 1000;
const FLASH = 1000;
const MOST_FLASHES = 3;
const READ = [["Old pathway, cue to use", "old", "drive"], ["New pathway, control and extinction", "new", "brake"], ["Habenula held by ketamine", "held", "accent"]];
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
let data = null;
let scale = "months";
/** What is drawn of each arm, by its id; it stays while its state changes. */
const pictures = new Map();
let timer = 0;
let before = 0;
let held = false;
let asked = "";
let coming = null;

/** Asked for when the section comes near the screen, before printing, and again when the programme has changed; comes to why it is not there, or to nothing. */
export function showCircuit() {
  if (!store.scenario) return null;
  const { protocol, patients, seed } = store.scenario;
  const wanted = JSON.stringify({ protocol, patients, seed });
  if (wanted !== asked) { asked = wanted; coming = fill(wanted); }
  return coming;
}

async function fill(wanted) {
  try {
    const found = await ask("circuit", JSON.parse(wanted));
    if (wanted !== asked) return "";
    data = found;
    layout();
    return "";
  } catch (error) {
    if (wanted !== asked) return "";
    asked = "";
    data = null;
    stop();
    root.replaceChildren(make("p", { class: "small" }, `The circuit could not be fetched. ${error.message} It is asked for again after the next change, and before printing.`));
    return error.message;
  }
}

/** On paper nothing can be scrubbed: each arm at entry, a day and a month later, and at the end. */
export function printCircuit() {
  if (!data || !$("#brains", root)) return;
  const days = [...new Set([0, 1, 30, Math.floor(data.end)].filter((day) => day <= data.end))];
  const moments = days.map((day) => make("div", { class: "moment" }, arms().map((arm) => {
    const state = stateOf(arm, day, false);
    const drawn = brain(data.edges, state.edges);
    drawn.show(state, { minutes: false, lapse: false, said: `${arm.label}, day ${day}` });
    return make("figure", { class: `a${place(arm.id)}` }, make("figcaption", {}, make("h3", {}, swatch(place(arm.id)), `${arm.label}, day ${day}`)), drawn.svg,
      make("p", { class: "small" }, READ.map(([label, name]) => `${label} ${state[name].toFixed(2)}`).join("; "), "."));
  })));
  $("#brains-printed", root)?.remove();
  $("#brains", root).after(make("div", { class: "brains printed", id: "brains-printed" }, moments));
}

const spans = () => ({ minutes: [240, 5, "min"], days: [Math.min(14, data.end), 0.5, "d"], months: [Math.floor(data.end), 0.5, "d"] });

function layout() {
  stop();
  held = false;
  pictures.clear();
  const had = $("#time", root);
  const kept = had ? Number(had.value) : null;
  const scales = Object.keys(spans()).map((name) => make("button", { type: "button", "aria-pressed": String(name === scale), on: { click: () => { scale = name; layout(); $("#time", root).focus(); } } }, name[0].toUpperCase() + name.slice(1)));
  const [end, step] = spans()[scale];
  const range = make("input", { type: "range", id: "time", min: "0", max: String(end), step: String(step), "aria-label": scale === "minutes" ? "Minutes since the first dose" : "Days since entry" });
  range.value = String(kept === null || kept > end ? Math.min(end, firstLapse()) : kept);
  range.addEventListener("input", show);
  range.addEventListener("pointerdown", () => { held = true; });
  for (const over of ["pointerup", "pointercancel", "change"]) range.addEventListener(over, () => { held = false; });
  range.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); play(); } });
  const opened = keepOpen(root);
  const focused = root.contains(document.activeElement) ? document.activeElement.id : "";
  root.replaceChildren(
    make("div", { class: "sechead" },
      make("p", { class: "lead" }, `Simulated person ${data.person} under every arm, with the same chance events: ${data.chosen}. `, make("b", {}, UNSEEN)), signs()),
    make("div", { class: `brains of-${arms().length}`, id: "brains" }, arms().map(picture)),
    make("div", { class: "scrub" },
      make("button", { class: "btn", type: "button", id: "play", on: { click: play } }, "Play"),
      make("div", { class: "seg", role: "group", "aria-label": "Scale of time" }, scales),
      make("div", { class: "lapsewrap" }, rows(make("div", { class: "lapses", "aria-hidden": "true" }, marksOf(end))), range),
      make("output", { for: "time", id: "time-said" })),
    make("p", { class: "small" }, "Wider line: stronger state. Numbers at the bars: 0 to 1. Solid ring at LHb: ketamine held in the lateral habenula; at dlPFC, in the first minutes: block of interneurons. Grey ring: effect at the mu-opioid receptor. Dashed ring: sustained state in prefrontal cortex; synapse-density imaging at 24 h was negative in people. Diamonds above the scrubber: returns to use, a row an arm. Dashed circles: regions without a modelled connection. Schematic, not to scale."),
    make("details", { id: "regions" }, make("summary", { id: "regions-summary" }, "What the letters stand for"), make("dl", { class: "regions small" }, REGIONS.map(([letters, words]) => make("div", {}, make("dt", {}, letters), make("dd", {}, words))))),
    make("details", {}, make("summary", { id: "edges-summary", on: { click: () => table() } }, "Show every connection as table"), make("div", { class: "scroll", id: "edges-table", tabindex: "0", role: "region", "aria-label": "Connections" })));
  opened();
  show();
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

const arms = () => store.scenario.protocol.arms.filter((arm) => data.arms[arm.id]);
const firstLapse = () => Math.min(...Object.values(data.arms).flatMap((arm) => arm.lapses), 30);

/** As high as its rows, one an arm: no mark lies on the scrubber. */
function rows(lapses) {
  lapses.style.setProperty("height", `${4 + ROW * Math.max(2, arms().length)}px`);
  return lapses;
}

function marksOf(end) {
  if (scale === "minutes") return [];
  return arms().flatMap((arm, row) => data.arms[arm.id].lapses.filter((day) => day <= end).map((day) => {
    const mark = make("b", { class: `a${place(arm.id)}` });
    mark.style.setProperty("left", `calc(8px + (100% - 16px) * ${day / end})`);
    mark.style.setProperty("top", `${2 + ROW * row}px`);
    return mark;
  }));
}

/** A state between two times at which it was kept. */
function at(series, times, time) {
  let k = times.findIndex((one) => one > time);
  if (k < 0) k = times.length;
  const j = Math.max(0, Math.min(times.length - 1, k - 1));
  const next = Math.min(times.length - 1, j + 1);
  const share = next === j ? 0 : (time - times[j]) / (times[next] - times[j]);
  return (row) => { const a = row[j] ?? row.at(-1); const b = row[next] ?? a; return a + share * (b - a); };
}

function stateOf(arm, time, short = scale === "minutes") {
  const series = short ? data.arms[arm.id].minutes : data.arms[arm.id].days;
  const now = at(series, short ? data.minutes : data.days, time);
  const state = Object.fromEntries(Object.entries(series).map(([name, rows]) => [name, name === "edges" ? rows.map(now) : now(rows)]));
  return state;
}

function show() {
  const time = Number($("#time", root).value);
  const words = scale === "minutes" ? `${time} min` : `day ${time}`;
  $("#time-said", root).textContent = words;
  $("#time", root).setAttribute("aria-valuetext", words);
  $("#brains", root).classList.toggle("eased", !held);
  for (const arm of arms()) pictures.get(arm.id).show(time);
  before = time;
  if ($("#edges-table", root).parentElement.open) table();
}

/** The picture of an arm, whose parts ``show`` changes in place. */
function picture(arm) {
  const days = data.arms[arm.id].days.edges;
  const drawn = brain(data.edges, days.map((row) => row.reduce((sum, one) => sum + one, 0) / row.length));
  const bars = READ.map(([label, name, css]) => ({ name, ...bar(label, css) }));
  const tag = make("span", { class: "tag warn", hidden: true });
  const moment = () => `Simulated person ${data.person}, ${$("#time-said", root).textContent}. Wider line: stronger state; arrow, drives; bar, restrains.`;
  for (const over of ["animationend", "animationcancel"]) drawn.svg.addEventListener(over, () => calm(drawn.svg));
  pictures.set(arm.id, { drawn, bars, tag, flashed: -Infinity, show: (time) => showArm(arm, time) });
  return make("figure", { class: `a${place(arm.id)}` },
    make("figcaption", {}, make("h3", {}, swatch(place(arm.id)), arm.label, tag)),
    drawn.svg,
    make("div", { class: "read" }, bars.map((one) => one.parts)),
    make("p", { class: "model" }, UNSEEN),
    menu(`circuit, ${arm.label}`, `circuit-${arm.id}`, () => alone(drawn.svg, arm.label, [moment(), LETTERS, `${UNSEEN} Research, not for dosing a patient.`])));
}

/** All of its animations take the same time: the flash is over once none is left. */
function calm(svg) {
  if (!svg.getAnimations({ subtree: true }).some((one) => one instanceof CSSAnimation && one.playState !== "finished")) svg.classList.remove("hot");
}

function showArm(arm, time) {
  const shown = pictures.get(arm.id);
  const state = stateOf(arm, time);
  const lapses = scale === "minutes" ? [] : data.arms[arm.id].lapses;
  const near = lapses.find((day) => Math.abs(day - time) <= NEAR);
  const said = `${arm.label}: old pathway ${state.old.toFixed(2)}, new pathway ${state.new.toFixed(2)}, habenula held ${state.held.toFixed(2)}. ${UNSEEN}`;
  shown.drawn.show(state, { minutes: scale === "minutes", lapse: near !== undefined, said });
  shown.tag.hidden = near === undefined;
  say(shown.tag, near === undefined ? "" : `return to use, day ${near}`);
  for (const one of shown.bars) one.set(state[one.name]);
  if (timer && !still() && lapses.some((day) => before < day && day <= time) && mayFlash(shown)) shown.drawn.flash();
}

/** At most one flash a second in each picture, and three in all. */
function mayFlash(shown) {
  const now = performance.now();
  const recent = [...pictures.values()].filter((one) => now - one.flashed < FLASH);
  if (recent.includes(shown) || recent.length >= MOST_FLASHES) return false;
  shown.flashed = now;
  return true;
}

function bar(words, css) {
  const fill = make("u", { class: css });
  const number = make("b");
  const set = (value) => {
    fill.style.setProperty("width", `${Math.round(100 * Math.max(0, Math.min(1, value)))}%`);
    say(number, value.toFixed(2));
  };
  return { parts: [make("span", {}, words), make("i", {}, fill), number], set };
}

function table() {
  const time = Number($("#time", root).value);
  const states = arms().map((arm) => stateOf(arm, time));
  const rows = data.edges.map((edge, k) => make("tr", {}, make("th", { scope: "row" }, `${edge.start} to ${edge.end}`), make("td", {}, edge.sign === "drive" ? "drives" : "restrains"), make("td", {}, edge.meaning), states.map((state) => make("td", { class: "n" }, state.edges[k].toFixed(2)))));
  $("#edges-table", root).replaceChildren(make("table", { class: "text" },
    make("thead", {}, make("tr", {}, ["Connection", "Sign", "Meaning", ...arms().map((arm) => arm.label)].map((head) => make("th", { scope: "col" }, head)))), make("tbody", {}, rows)));
}

function play() {
  if (timer) { stop(); return; }
  const range = $("#time", root);
  const by = still() ? Number(range.max) / 24 : scale === "months" ? 1 : Number(range.step);
  const next = () => {
    const value = Number(range.value) + by;
    range.value = String(value > Number(range.max) ? 0 : value);
    show();
  };
  timer = setInterval(next, still() ? STEPPED : FRAME);
  next();
  $("#play", root).textContent = "Pause";
}

function stop() {
  clearInterval(timer);
  timer = 0;
  const button = $("#play", root);
  if (button) button.textContent = "Play";
}
