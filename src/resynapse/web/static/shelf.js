// Which published trial, or which file, becomes the programme?

import { $, make } from "./dom.js";
import { Refusal, ask, get } from "./api.js";
import { addArm } from "./programme.js";
import { change, open, select, store } from "./store.js";

const dialog = $("#shelf");
const MOST_BYTES = 250000;
const SCENARIO = "scenario-heroin-ketamine";

/** A list of the library; choosing is an action, not a state that later changes belie. */
export async function openShelf() {
  const trials = await get("protocols");
  dialog.replaceChildren(
    make("h2", { id: "shelf-title" }, "Load a published trial"),
    make("p", { class: "small" }, "It replaces the programme on this page; Ctrl+Z brings yours back."),
    make("ul", {}, trials.map((trial) => make("li", {},
      make("button", { class: "btn bare", type: "button", data: { trial: trial.name }, on: { click: () => load(trial.name) } }, trial.title),
      make("p", { class: "small" }, `${trial.name}, ${trial.disorder}, ${trial.state === "completed" ? "published" : trial.state}`)))),
    make("div", { class: "row" }, make("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, "Close")));
  dialog.showModal();
}

/** Copies of the arms that are there, and arms of the scenario for the same substance. */
export async function openArms() {
  const { protocol } = store.scenario;
  const whole = await get(`protocols/${SCENARIO}`).catch(() => null);
  const others = whole && whole.protocol.disorder === protocol.disorder
    ? whole.protocol.arms.filter((arm) => !protocol.arms.some((one) => one.id === arm.id)) : [];
  const entry = (arm, words) => make("li", {}, make("button", { class: "btn bare", type: "button", data: { add: arm.id }, on: { click: () => add(arm) } }, words));
  dialog.replaceChildren(
    make("h2", { id: "shelf-title" }, "Add an arm"),
    make("ul", {}, protocol.arms.map((arm) => entry(arm, `A copy of ${arm.label}`)), others.map((arm) => entry(arm, arm.label))),
    others.length ? make("p", { class: "small" }, `The last ${others.length} are those of ${SCENARIO}.`) : null,
    make("div", { class: "row" }, make("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, "Close")));
  dialog.showModal();
}

function add(arm) {
  let made = null;
  change((next) => { made = addArm(next.protocol, arm); });
  dialog.close();
  select(made.id);
}

async function load(name) {
  const found = await get(`protocols/${name}`);
  dialog.close();
  open({ ...store.scenario, protocol: found.protocol });
}

/** A YAML or JSON file, read on this machine and checked by the server that runs on it. */
export async function readFile(input) {
  const file = input.files[0];
  input.value = "";
  if (!file) return;
  try {
    if (file.size > MOST_BYTES) throw new Refusal([{ path: [], message: `${file.name} is larger than 250 kB; a protocol is a page or two of YAML.` }], 413);
    const { protocol } = await ask("check", { text: await file.text() });
    open({ ...store.scenario, protocol });
  } catch (error) {
    refuse(`${file.name} cannot be opened`, error.problems ?? [{ message: error.message }]);
  }
}

/** What was wanted and cannot be had, and what is wrong with it. */
export function refuse(title, problems) {
  dialog.replaceChildren(
    make("h2", { id: "shelf-title" }, title),
    make("ul", {}, problems.map((one) => make("li", {}, [one.line ? `line ${one.line}` : "", one.field].filter(Boolean).join(", "), one.line || one.field ? ": " : "", one.message))),
    make("div", { class: "row" }, make("button", { class: "btn", type: "button", on: { click: () => dialog.close() } }, "Close")));
  dialog.showModal();
}
