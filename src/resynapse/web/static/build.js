// Where does a person put a programme together?

import { $, make, round, say, swatch } from "./dom.js";
import { armFields } from "./arm_fields.js";
import { choice, showProblems, slider, text, tick } from "./fields.js";
import { described, inWords, limits, refusal } from "./limits.js";
import { populationFields, switchFields, withLeft } from "./people_fields.js";
import { MOST_ARMS, addArm, armOf, entitle, followMonths, followedWords, indexOf, loosened, months, readVisits, removeArm } from "./programme.js";
import { change, hold, place, release, select, store, trying } from "./store.js";
import { openArms, openShelf, readFile } from "./shelf.js";

const DEGREES = ["mild", "moderate", "severe"].map((word) => [word, word]);
const ORIGINS = [["community", "return to the community"], ["first_dose", "the first dose"], ["entry", "entry"]];
const root = $("#build");
let known = null;
let sentences = {};
let sliding = false;

export function begin(form) { known = form; }

/** The sentence of each arm, as the server tells it. */
export function tellArms(arms) {
  sentences = Object.fromEntries(arms.map((arm) => [arm.id, arm.sentence]));
  for (const arm of arms) {
    const told = root.querySelector(`[data-told="${CSS.escape(arm.id)}"]`);
    if (!told) continue;
    say(told, arm.sentence);
    told.title = arm.sentence;
  }
}

/** Each step of a slider changes the programme; its release is one step of undo. */
function edit(work, why = "changed") {
  if (trying()) { change(work, why); return; }
  if (why === "sliding" && !sliding) { sliding = true; hold(); }
  if (why === "released") {
    if (sliding) { sliding = false; release(); }
    return;
  }
  change(work, why);
}

/** Rebuilt unless a slider is in the hand; the focus stays where it was. */
export function showBuild() {
  if (sliding) return;
  const focus = focusPath();
  const arms = focusInArms();
  const { protocol } = store.scenario;
  const arm = armOf(protocol, store.selected);
  root.replaceChildren(
    make("h2", {}, "Arms"),
    make("div", { class: "row" },
      make("button", { class: "btn", type: "button", id: "load", on: { click: openShelf } }, "Load a published trial"),
      make("label", { class: "btn bare file" }, "Open file", make("input", { type: "file", class: "hidden", id: "file", accept: ".yaml,.yml,.json", on: { change: (event) => readFile(event.target) } }))),
    make("div", { id: "faults" }),
    ...protocol.arms.map((one) => card(one, protocol)),
    make("div", { class: "row" }, make("button", { class: "btn", type: "button", id: "add-arm", disabled: protocol.arms.length >= MOST_ARMS, on: { click: openArms } }, "Add arm"),
      protocol.arms.length >= MOST_ARMS ? make("span", { class: "small" }, "Six arms are as many as colours and dashes tell apart.") : null),
    make("h2", { class: "next" }, arm.label),
    ...armFields(arm, indexOf(protocol, arm.id), known, protocol.follow_up_days, edit).filter((field) => field !== null), // a null would stand there as text
    make("h2", { class: "next" }, "Programme, people, follow-up"),
    ...peopleFields(store.scenario),
  );
  if (arms) backToArms(arms);
  else if (focus) root.querySelector(focus)?.focus();
}

/** On which card of an arm the keyboard is, and on what of it. */
function focusInArms() {
  const card = root.contains(document.activeElement) ? document.activeElement.closest(".armcard") : null;
  return card && { arm: card.dataset.arm, place: [...root.querySelectorAll(".armcard")].indexOf(card), act: document.activeElement.dataset.act };
}

/** The same button; where it is gone, the name of its arm; where that is gone, of the arm in its place. */
function backToArms({ arm, place, act }) {
  const cards = [...root.querySelectorAll(".armcard")];
  const own = cards.find((card) => card.dataset.arm === arm);
  const card = own ?? cards[Math.min(place, cards.length - 1)];
  const same = own?.querySelector(`[data-act="${CSS.escape(act ?? "")}"]:not(:disabled)`);
  (same ?? card?.querySelector("h3 button"))?.focus();
}

function focusPath() {
  const active = document.activeElement;
  if (!root.contains(active)) return null;
  const field = active.closest("[data-path]");
  if (field) return `[data-path="${field.dataset.path}"] ${active.tagName.toLowerCase()}${active.type ? `[type="${active.type === "select-one" ? "" : active.type}"]` : ""}`.replace('[type=""]', "");
  return active.id ? `#${active.id}` : null;
}

function card(arm, protocol) {
  const reference = protocol.reference === arm.id;
  return make("div", { class: "armcard", data: { on: String(arm.id === store.selected), arm: arm.id } },
    make("h3", {}, swatch(place(arm.id)),
      make("button", { type: "button", "aria-pressed": String(arm.id === store.selected), on: { click: () => select(arm.id) } }, arm.label),
      reference ? make("span", { class: "tag" }, "reference") : null),
    make("p", { class: "small", title: sentences[arm.id] ?? "", data: { told: arm.id } }, sentences[arm.id] ?? ""),
    make("div", { class: "row" },
      action("Duplicate", arm, () => copy(arm.id), protocol.arms.length >= MOST_ARMS),
      action("Remove", arm, () => remove(arm.id), protocol.arms.length < 2),
      reference ? null : action("Compare with this", arm, () => change((next) => { next.protocol.reference = arm.id; }))));
}

const action = (words, arm, act, disabled = false) =>
  make("button", { class: "btn bare", type: "button", disabled, "aria-label": `${words}: ${arm.label}`, data: { act: words }, on: { click: act } }, words);

function copy(id) {
  let made = null;
  change((next) => { made = addArm(next.protocol, armOf(next.protocol, id)); });
  select(made.id);
}

function remove(id) {
  change((next) => removeArm(next.protocol, id));
  if (store.selected === id) select(store.scenario.protocol.arms[0].id);
}

/** What only people who use opioids can be asked for goes when others stand in their place. */
function theirs(protocol) {
  const { disorders, endpoints } = known.opioids;
  if (disorders.includes(protocol.disorder)) return;
  protocol.endpoints = protocol.endpoints.filter((name) => !endpoints.some((begin) => name.startsWith(begin)));
}

function peopleFields({ protocol, patients, seed }) {
  const set = (work, why) => edit((next) => work(next.protocol, next), why);
  const done = () => edit(() => {}, "released");
  const { schema, asked } = known;
  return [
    text({ path: "title", label: "Title", value: protocol.title, help: "Stands above the results and in the report; files are called after it.", set: (value) => set((one) => entitle(one, value, known.library)) }),
    choice({ path: "severity.craving", label: "Craving at entry", value: protocol.severity.craving, options: DEGREES, set: (value) => set((one) => { one.severity.craving = value; }) }),
    choice({ path: "severity.withdrawal", label: "Withdrawal at entry", value: protocol.severity.withdrawal, options: DEGREES, set: (value) => set((one) => { one.severity.withdrawal = value; }) }),
    choice({ path: "disorder", label: "People who use", value: protocol.disorder, options: ["heroin", "fentanyl", "alcohol", "cocaine", "methamphetamine"].map((word) => [word, word]), set: (value) => set((one) => { one.disorder = value; one.arms.forEach(loosened); theirs(one); }) }),
    choice({ path: "blinding", label: "Masking", value: protocol.blinding, options: [["masked", "masked"], ["open", "open"]], help: "Masked people guess their arm from what they feel.", set: (value) => set((one) => { one.blinding = value; }) }),
    slider({ path: "follow_up_days", label: "Follow-up", value: months(protocol), unit: "months", min: 1, max: 24, step: 1, help: `${followedWords(protocol)}1 or more. From the day on which people are back in the community.`, refuse: (given) => refusal(given, 1), live: (value) => set((one) => followMonths(one, value), "sliding"), done }),
    slider({ path: "patients", label: "People in each arm", value: patients, unit: "", min: 50, max: 1000, step: 50, help: inWords(asked.patients), live: (value) => set((_, next) => { next.patients = value; }, "sliding"), done }),
    text({ path: "visits", label: "Visits, on days from entry", value: [protocol.visits].flat().map((day) => (typeof day === "number" ? round(day, 4) : day)).join(", "), help: `All arms share them. Days as 0, 7, 14, or every 7 days from day 7 to day 35; 0 to ${round(protocol.follow_up_days, 2)} d.`, set: (value) => set((one) => { one.visits = readVisits(value); }) }),
    make("div", { class: "detail-only" },
      slider({ path: "seed", label: "Seed of chance", value: seed, unit: "", min: 1, max: 100, step: 1, help: inWords(asked.seed), live: (value) => set((_, next) => { next.seed = value; }, "sliding"), done }),
      slider({ path: "setting.detoxification_days", label: "Days without use before entry", value: protocol.setting.detoxification_days, unit: "d", min: 0, max: 60, step: 1, help: limits(schema, "Setting", "detoxification_days", "d"), live: (value) => set((one) => { one.setting.detoxification_days = value; delete one.setting.starts_using; }, "sliding"), done }),
      slider({ path: "setting.community_day", label: "Back in the community on day", value: protocol.setting.community_day, unit: "d", min: 0, max: 90, step: 1, help: limits(schema, "Setting", "community_day", "d"), live: (value) => set((one) => { const kept = months(one); one.setting.community_day = value; if (typeof value === "number") followMonths(one, kept); }, "sliding"), done }),
      slider({ path: "setting.use_days_before", label: "Days of heavy use before detoxification", value: protocol.setting.use_days_before, unit: "d", min: 0, max: 365, step: 5, help: described(schema, "Setting", "use_days_before", "d"), live: (value) => set((one) => { one.setting.use_days_before = value; }, "sliding"), done }),
      choice({ path: "origin", label: "Times to an event count from", value: protocol.origin, options: ORIGINS, help: "Day 0 of curves of events, retention and abstinence.", set: (value) => set((one) => { one.origin = value; }) }),
      tick({ path: "beyond_evidence", label: ALLOW, value: protocol.beyond_evidence, set: (value) => set((one) => { one.beyond_evidence = value; }) }),
      ...populationFields(protocol, schema, set, done),
      ...switchFields(protocol, schema, set)),
  ];
}

const BEYOND = /,? or set beyond_evidence: true to extrapolate/;
const ALLOW = "Allow doses far above those given in human trials";

/** An arm by the name that it was given, where the server says its id. */
const named = (field) => field.replace(/^arm ([^,]+)/, (whole, id) => {
  const arm = store.scenario.protocol.arms.find((one) => one.id === id);
  return arm ? `arm \u201c${arm.label}\u201d` : whole;
});

/** What is wrong, beside its field; what has none stands above all, and what is still shown is said. */
export function showFaults(problems) {
  const beyond = problems.some((one) => BEYOND.test(one.message));
  const spoken = problems.map((one) => ({ ...one, message: one.message.replace(BEYOND, `, or press \u201c${ALLOW}\u201d`) })).map(withLeft(store.scenario.protocol.population));
  const rest = showProblems(root, spoken);
  const faults = $("#faults", root);
  faults.replaceChildren();
  if (rest.length) faults.append(make("div", { class: "faults", role: "alert" }, rest.map((one) => make("p", {}, one.field ? `${named(one.field)}: ${one.message}` : one.message))));
  if (!beyond) return;
  const wrong = [...root.querySelectorAll(".wrong")].find((one) => one.textContent.includes(ALLOW));
  (wrong ?? faults).append(" ", make("button", { class: "btn bare", type: "button", id: "allow-beyond", on: { click: () => change((next) => { next.protocol.beyond_evidence = true; }) } }, ALLOW));
}
