// What is the programme now, what was it before, and who wants to know?

import { clone } from "./dom.js";

const MOST_STEPS = 100;
const heard = new Set();
const past = [];
let scenario = null;
let original = null;
let held = null;
let trial = null;

export const store = {
  /** {protocol, patients, seed}; never changed in place. */
  get scenario() { return scenario; },
  /** The programme that was opened, before anything was changed. */
  get original() { return original; },
  selected: "",
};

export const listen = (tell) => heard.add(tell);
const tell = (why) => heard.forEach((hear) => hear(why));

/** Another programme altogether. */
export function open(next, why = "opened") {
  if (scenario) remember();
  scenario = clone(next);
  original = clone(next);
  store.selected = scenario.protocol.arms.at(-1).id;
  tell(why);
}

/** One change; while something is held (a drag) all changes are one step of undo. */
export function change(edit, why = "changed") {
  const next = clone(scenario);
  edit(next);
  if (trial) { trial.next = next; return; }
  if (JSON.stringify(next) === JSON.stringify(scenario)) return;
  if (!held) remember();
  scenario = next;
  tell(why);
}

/** What the programme would become by a change that is not made; null where it makes none. */
export function tried(work) {
  trial = { next: null };
  try { work(); return trial.next; } finally { trial = null; }
}

export const trying = () => trial !== null;

export function hold() { held = clone(scenario); }

/** The end of a drag: one step of undo, or back to where it began. */
export function release(keep = true) {
  if (!held) return;
  const before = held;
  held = null;
  const moved = JSON.stringify(before) !== JSON.stringify(scenario);
  if (!keep) scenario = before;
  else if (moved) { past.push(before); past.splice(0, past.length - MOST_STEPS); }
  if (moved) tell(keep ? "released" : "undone");
}

export function undo() {
  if (!past.length) return false;
  scenario = past.pop();
  if (!scenario.protocol.arms.some((arm) => arm.id === store.selected)) store.selected = scenario.protocol.arms[0].id;
  tell("undone");
  return true;
}

export function select(id) {
  store.selected = id;
  tell("selected");
}

function remember() {
  past.push(scenario);
  past.splice(0, past.length - MOST_STEPS);
}

/** Number of an arm's colour: 1 is the reference, then in the order of the protocol. */
export function place(id, protocol = scenario.protocol) {
  const order = [protocol.reference, ...protocol.arms.map((arm) => arm.id).filter((one) => one !== protocol.reference)];
  return order.indexOf(id) + 1;
}
