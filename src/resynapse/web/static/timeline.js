// When does each arm get what, drawn to be moved?

import { $, make, swatch } from "./dom.js";
import { round } from "./dom.js";
import { visitDays } from "./programme.js";
import { place, store } from "./store.js";

export const root = $("#timeline");
const CUT = 56;
const EARLY = 68;
const WHOLE = 98;
const KINDS = { doses: "Dose", therapies: "Therapy" };
/** What goes into a vein over some time is an infusion; by any other route, or at once, it is a dose. */
const laneOf = (arm, kind) => (kind === "doses" && arm.doses.length && arm.doses.every((dose) => dose.route === "iv" && dose.minutes !== 0) ? "Infusion" : KINDS[kind]);
/** A target that a finger finds, px; events nearer than this go one below the other. */
const TARGET = 24;
/** Room that the number of a day takes on the axis, px. */
const LABEL = 32;
const NAMES = 96;
const USUAL = 840;
const end = () => store.scenario.protocol.follow_up_days;

/** The first eight weeks take two thirds of the width. */
export function across(day) {
  const last = end();
  if (last <= CUT) return (day / last) * WHOLE;
  return day <= CUT ? (day / CUT) * EARLY : EARLY + ((day - CUT) / (last - CUT)) * (WHOLE - EARLY);
}

export function dayAt(share) {
  const last = end();
  if (last <= CUT) return (share / WHOLE) * last;
  return share <= EARLY ? (share / EARLY) * CUT : CUT + ((share - EARLY) / (WHOLE - EARLY)) * (last - CUT);
}

/** Width of a lane, px; where none is laid out, that of a usual screen. */
const room = () => Math.max(200, (root.clientWidth || USUAL + NAMES) - NAMES);
const apart = (day, other) => (Math.abs(across(day) - across(other)) * room()) / 100;

export function ticks() {
  const last = end();
  const weeks = [0, 7, 14, 21, 28, 35, 42, 49, 56].filter((day) => day <= last);
  const step = last - CUT > 240 ? 91 : 28;
  const later = [];
  const final = Math.floor(last);
  for (let day = step * (Math.floor(CUT / step) + 1); day < final; day += step) {
    if (apart(day, later.at(-1) ?? CUT) >= LABEL && apart(day, final) >= LABEL) later.push(day);
  }
  if (last > CUT) later.push(final);
  return { weeks, later };
}

export const describe = (item, kind) =>
  kind === "visits" ? "Visit" : kind === "doses" ? (item.drug === "saline" ? "Saline" : `${item.drug} ${item.amount.value ?? item.amount} ${item.amount.unit ?? ""}`.trim()) : `Therapy, ${item.type}, ${item.hours * 60} min`;

export const key = ({ arm, kind, item, index }) => `${arm}/${kind}/${item}/${index}`;
const at = (element, share) => { element.style.setProperty("left", `${round(share, 2)}%`); return element; };

export function showTimeline() {
  const focused = document.activeElement?.dataset?.key;
  const { protocol } = store.scenario;
  const { weeks, later } = ticks();
  const lines = () => [...weeks, ...later].slice(1).map((day) => at(make("i"), across(day)));
  const arms = protocol.arms.map((arm, number) => make("div", { class: `tl-arm a${place(arm.id)}`, role: "group", "aria-label": arm.label },
    make("h3", {}, swatch(place(arm.id)), arm.label),
    ...Object.keys(KINDS).map((kind) => lane(arm, number, kind, lines())),
    arm.medications.length ? make("div", { class: "lane" }, make("span", {}, "Medication"), make("div", { class: "track" }, lines(), arm.medications.map(strip))) : null));
  root.replaceChildren(make("div", { class: "tl-canvas" }, arms, visits(protocol), axis(weeks, later)), list(protocol));
  if (focused) root.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function lane(arm, number, kind, lines) {
  const events = (arm[kind] ?? []).flatMap((item, place) => (Array.isArray(item.days) ? item.days : []).map((day, index) => event(item, { arm: number, kind, item: place, index }, day)));
  if (events.length) return filled(laneOf(arm, kind), `${number}/${kind}`, lines, events);
  const words = `Add ${kind === "doses" ? "a dose" : "therapy"}: ${arm.label}`;
  const add = make("button", { class: "btn bare add", type: "button", "aria-label": words, data: { add: `${number}/${kind}` } }, "Add");
  return make("div", { class: "lane", data: { lane: `${number}/${kind}` } }, make("span", {}, KINDS[kind]), make("div", { class: "track" }, lines, add));
}

/** Events in as many rows as it takes that each can be taken by itself. */
function filled(words, name, lines, events) {
  const rows = [];
  if (events.length) events[0].tabIndex = 0;
  for (const one of [...events].sort((a, b) => a.dataset.day - b.dataset.day)) {
    const day = Number(one.dataset.day);
    const free = rows.findIndex((last) => apart(day, last) >= TARGET);
    const row = free < 0 ? rows.length : free;
    rows[row] = day;
    one.style.setProperty("top", `${TARGET * (row + 0.5) + 2}px`);
  }
  const made = make("div", { class: "lane", data: { lane: name } }, make("span", {}, words), make("div", { class: "track" }, lines, events));
  made.style.setProperty("height", `${TARGET * Math.max(1, rows.length) + 4}px`);
  return made;
}

function event(item, where, day) {
  const css = where.kind === "visits" ? "visit" : where.kind === "therapies" ? "session" : item.drug === "saline" ? "sham" : "dose";
  const words = `${describe(item, where.kind)}, day ${day}`;
  const button = make("button", { class: `ev ${css}`, type: "button", "aria-label": words, title: words, "aria-describedby": "tlhelp", data: { key: key(where), day: String(day) } });
  button.tabIndex = -1;
  return at(button, across(day));
}

function strip(medication) {
  const stop = Math.min(medication.stop_day ?? end(), end());
  const words = `${medication.drug} ${medication.amount.value ?? ""} mg${medication.every_days === 1 || medication.every_days === undefined ? " daily" : ""}`;
  const box = at(make("div", { class: "strip", title: words }, words), across(medication.start_day ?? 0));
  box.style.setProperty("width", `${round(across(stop) - across(medication.start_day ?? 0), 2)}%`);
  return box;
}

addEventListener("resize", () => { if (store.scenario) showTimeline(); });

/** All arms share their visits; a programme may have none. */
function visits(protocol) {
  const marks = visitDays(protocol).map((day, index) => event({}, { arm: 0, kind: "visits", item: 0, index }, round(day, 2)));
  return filled("Visits", "all/visits", [], marks);
}

function axis(weeks, later) {
  const labels = [...weeks, ...later].map((day) => at(make("b", {}, String(day)), across(day)));
  const words = [at(make("b", { class: "cut" }, "days since entry"), 0)];
  if (later.length) words.push(at(make("b", { class: "cut" }, `scale changes at day ${CUT}`), across(CUT)));
  return make("div", { class: "tl-axis", "aria-hidden": "true" }, make("span"), make("div", {}, labels, words));
}

/** The same as a list, where the screen is too narrow for a canvas. */
const onDays = (days) => `${days.length > 1 ? "days" : "day"} ${days.join(", ")}`;

function list(protocol) {
  const row = (words, days) => make("tr", {}, make("th", { scope: "row" }, words), make("td", {}, days));
  return make("div", { class: "tl-list" }, protocol.arms.map((arm) => [
    make("h3", {}, swatch(place(arm.id)), arm.label),
    make("table", {}, make("tbody", {},
      ["doses", "therapies"].flatMap((kind) => arm[kind].map((item) => row(describe(item, kind), onDays([item.days].flat())))),
      arm.medications.map((one) => row(one.drug, `from day ${one.start_day ?? 0}${one.stop_day === undefined ? "" : ` to day ${one.stop_day}`}`)))),
  ]), visitDays(protocol).length ? [
    make("h3", {}, "All arms"),
    make("table", {}, make("tbody", {}, row("Visits", onDays(visitDays(protocol).map((day) => round(day, 2)))))),
  ] : null);
}
