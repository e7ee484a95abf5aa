// What would an infusion, planned or steered by target, do to people of this programme?

import { $, command, make } from "./dom.js";
import { ask, askText } from "./api.js";
import { enhance, keepOpen, width } from "./figures.js";
import { choice, showProblems, slider } from "./fields.js";
import { store } from "./store.js";
import { saveAsked } from "./take_away.js";

const MODES = { rate: "planned by rate", plasma: "target, plasma", "effect-site": "target, effect site" };
const SETS = { domino: "Domino 1984", resynapse: "this model's" };
const MOST = 6;
const PEOPLE = 200;
/** ms after which an answer that is not there is waited for. */
const SOON = 400;
const form = $("#infusion-ask");
const result = $("#infusion-result");
const plan = { mode: "plasma", believed: "domino", highest_rate: 20, watched: 60, parts: [{ mg_per_kg: 0.5, minutes: 40 }], holds: [{ target: 100, minutes: 40 }] };
let asked = "";
let near = false;
let flight = null;

const list = () => (plan.mode === "rate" ? plan.parts : plan.holds);

function layout() {
  const path = document.activeElement?.closest?.("#infusion-ask [data-path]")?.dataset.path;
  const again = () => { layout(); compute(); };
  const set = (field) => (value) => { plan[field] = value; again(); };
  const live = (work) => ({ live: (value) => work(value), done: compute });
  form.replaceChildren(make("div", { class: "questions" },
    choice({ path: "mode", label: "Infusion", value: plan.mode, options: Object.entries(MODES), set: set("mode") }),
    plan.mode === "rate" ? null : choice({ path: "believed", label: "Set in the pump", value: plan.believed, options: Object.entries(SETS), help: "What the pump believes of a patient, by weight, age and sex. The patients are ours.", set: set("believed") }),
    ...list().map((one, at) => part(one, at, live)),
    plan.mode === "rate" ? null : slider({ path: "highest_rate", label: "Pump gives at most", value: plan.highest_rate, unit: "mg/min", min: 1, max: 60, step: 1, ...live((value) => { plan.highest_rate = value; }) }),
    slider({ path: "watched", label: "Watched after the end", value: plan.watched, unit: "min", min: 0, max: 240, step: 10, ...live((value) => { plan.watched = value; }) })),
  make("div", { class: "row" },
    make("button", { class: "btn", type: "button", id: "add-part", disabled: list().length >= MOST, on: { click: () => { list().push({ ...list().at(-1) }); again(); } } }, plan.mode === "rate" ? "Add a part" : "Add a target"),
    list().length > 1 ? make("button", { class: "btn bare", type: "button", on: { click: () => { list().pop(); again(); } } }, "Remove the last") : null,
    make("span", { class: "small", id: "infusion-said", role: "status" })),
  make("div", { id: "infusion-faults" }));
  if (path) $(`[data-path="${CSS.escape(path)}"] :is(select, input)`, form)?.focus();
}

function part(one, at, live) {
  const rate = plan.mode === "rate";
  const field = rate ? "mg_per_kg" : "target";
  const name = list().length > 1 ? `, ${at + 1}` : "";
  const where = (last) => `${rate ? "parts" : "holds"}.${at}.${last}`;
  return make("div", { class: "part", role: "group", "aria-label": `Part ${at + 1}` },
    slider({ path: where(field), label: rate ? `Dose${name}` : `Target${name}`, value: one[field], unit: rate ? "mg/kg" : "ng/mL", min: 0, max: rate ? 0.8 : 300, step: rate ? 0.05 : 10, help: rate ? "Human addiction trials: up to 0.8 mg/kg (KARE)." : "Racemic ketamine. Awake volunteers: 50 to 200 (Bowdle 1998).", ...live((value) => { one[field] = value; }) }),
    slider({ path: where("minutes"), label: rate ? `Over${name}` : `Held for${name}`, value: one.minutes, unit: "min", min: 1, max: 120, step: 1, ...live((value) => { one.minutes = value; }) }));
}

const said = (words) => { $("#infusion-said", form).textContent = result.firstChild ? words : ""; };

/** What is still shown of another plan says so, unless its own comes at once. */
function saySoon() {
  return setTimeout(() => said("Being computed; the figures are of the plan before."), SOON);
}

/** Asked again when the plan or the people of the programme have changed, if it is in sight. */
export async function compute() {
  if (!near || !store.scenario) return;
  const { protocol, seed } = store.scenario;
  const told = { protocol, seed, people: PEOPLE, plan, width: width() };
  const wanted = JSON.stringify(told);
  if (wanted === asked) return;
  asked = wanted;
  flight?.abort();
  flight = new AbortController();
  const soon = saySoon();
  try {
    const found = await ask("infusion", told, flight.signal);
    clearTimeout(soon);
    said("");
    showProblems(form, []);
    $("#infusion-faults").replaceChildren();
    const opened = keepOpen(result);
    result.innerHTML = found.html;
    opened();
    enhance(result, (figure) => askText("infusion/figure", { ...told, figure }));
    result.append(...takers(told, found.command));
    result.dataset.shown = String(Number(result.dataset.shown ?? 0) + 1);
  } catch (error) {
    clearTimeout(soon);
    if (error.name === "AbortError") return;
    asked = "";
    said("Not computed; the figures are of the last plan that could be.");
    const rest = showProblems(form, error.problems ?? [{ path: [], message: error.message }]);
    fault(rest);
  }
}

function fault(rest) {
  $("#infusion-faults").replaceChildren(...(rest.length ? [make("div", { class: "faults", role: "alert" }, rest.map((one) => make("p", {}, one.message)))] : []));
}

/** Files of the infusion as it is shown, and the command that gives its numbers. */
function takers(told, given) {
  const { name } = told.protocol;
  const button = (id, words, path, file, type, title) => make("button", { class: "btn", type: "button", id, title, on: { click: () => saveAsked(path, told, file, type).catch((error) => fault([{ message: error.message }])) } }, words);
  return [
    make("div", { class: "row" },
      button("infusion-csv", "Minute by minute, CSV", "infusion.csv", `${name}-infusion.csv`, "text/csv", "Every quantity with its unit: the middle person and the middle 80 %."),
      button("infusion-yaml", "As an arm, YAML", "infusion/yaml", `${name}-with-infusion.yaml`, "application/yaml", "The programme with this infusion as one more arm. A target is written as what the middle person is given.")),
    make("p", { class: "small" }, "The same numbers, of the programme as it is downloaded under Take away:"),
    make("pre", { class: "cmd", tabindex: "0", "aria-label": "Command of this infusion" }, command(given)),
  ];
}

export function watchInfusion() {
  layout();
  new IntersectionObserver((seen) => { near = seen.at(-1).isIntersecting; compute(); }, { rootMargin: "300px" }).observe($("#infusion-section"));
}
