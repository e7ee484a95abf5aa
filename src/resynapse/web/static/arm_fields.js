// What may be said of one arm: its doses, its medication, its therapy?

import { make } from "./dom.js";
import { choice, slider, text, tick } from "./fields.js";
import { described, limits, readAmount, refusal } from "./limits.js";
import { counted, firstDose, loosened, newDose, newTherapy, readDays, setMedication, shifted, spacing, spread } from "./programme.js";

const ROUTES = { iv: "into a vein", im: "into a muscle", sc: "under the skin", intranasal: "by the nose", "intranasal-spray": "nasal spray", oral: "by mouth", sublingual: "under the tongue", inhaled: "inhaled" };
const THERAPIES = { KPT: "ketamine psychotherapy", MBRP: "mindfulness, MBRP", MET: "motivational, MET", CBT: "cognitive behavioural, CBT", existential: "existential", counselling: "counselling", education: "education" };
const MEDICATIONS = { none: "none", methadone: "methadone, daily", buprenorphine: "buprenorphine, daily", "buprenorphine-monthly": "buprenorphine, monthly", naltrexone: "naltrexone, daily", "naltrexone-monthly": "naltrexone, monthly", "naltrexone-implant": "naltrexone implant", antidepressant: "antidepressant" };
const DRUGS = ["ketamine", "esketamine", "arketamine", "midazolam", "lorazepam", "saline"];
const CONTROLS = ["none", "saline", "midazolam", "lorazepam", "low-dose", "historical"];
const INFUSED = ["iv", "inhaled"];
const pairs = (words) => Object.entries(words);
const same = (names) => names.map((name) => [name, name]);

/** All fields of the arm at this place, first those that are moved most: doses; ``edit`` changes it, ``known`` holds limits and evidence, ``follow`` is the last day. */
export function armFields(arm, at, known, follow, edit) {
  const path = (...rest) => ["arms", at, ...rest].join(".");
  const editArm = (work, why) => edit((next) => work(next.protocol.arms[at]), why);
  return [
    ...arm.doses.map((dose, index) => doseGroup(dose, index, arm.doses.length, path, known, editArm)),
    adder("Add a dose", () => editArm((one) => { one.doses.push(newDose(one)); loosened(one); })),
    ...arm.therapies.map((therapy, index) => therapyGroup(therapy, index, arm, path, known, editArm)),
    adder("Add therapy sessions", () => editArm((one) => { one.therapies.push(newTherapy(one)); })),
    ...medicationGroups(arm, path, known, follow, editArm),
    text({ path: path("label"), label: "Name of the arm", value: arm.label, help: "Up to 24 letters stand beside the curves.", set: (value) => editArm((one) => { one.label = value; }) }),
    choice({ path: path("control"), label: "Control", value: arm.control, options: same(CONTROLS), help: "What makes this arm a control, if it is one.", set: (value) => editArm((one) => { one.control = value; loosened(one); }) }),
  ];
}

const adder = (words, add) => make("div", { class: "row" }, make("button", { class: "btn", type: "button", on: { click: add } }, words));
const remover = (words, remove) => make("button", { class: "btn bare remove", type: "button", "aria-label": words, on: { click: remove } }, "Remove");

function doseGroup(dose, index, count, path, known, editArm) {
  const here = (...rest) => path("doses", index, ...rest);
  const set = (work, why) => editArm((arm) => { work(arm.doses[index], arm); loosened(arm); }, why);
  const saline = dose.drug === "saline";
  const limit = known.doses[`${dose.drug} ${dose.route}`];
  const given = saline ? `Saline` : `${dose.drug[0].toUpperCase()}${dose.drug.slice(1)}`;
  return make("fieldset", { class: "group", data: { group: here() } },
    make("legend", {}, count > 1 ? `${given}, dose ${index + 1}` : given),
    count > 1 ? remover(`Remove dose ${index + 1}`, () => editArm((arm) => { arm.doses.splice(index, 1); loosened(arm); })) : null,
    saline ? null : slider({
      path: here("amount"), label: "Dose, each", value: dose.amount.value, unit: dose.amount.unit, min: 0,
      max: limit && limit.unit === dose.amount.unit ? limit.value : Math.max(1, 2 * dose.amount.value), step: dose.amount.unit === "mg/kg" ? 0.05 : 1,
      help: limit ? `0 or more. Highest ${limit.given}; above four times that it is refused.` : "0 or more. No dose of this drug by this route stands in the evidence.",
      live: (value) => set((one) => { one.amount = readAmount(value, one.amount.unit); }, "sliding"),
      done: () => editArm(() => {}, "released"),
    }),
    INFUSED.includes(dose.route) ? slider({
      path: here("minutes"), label: "Over", value: dose.minutes, unit: "min", min: 0, max: 120, step: 5, help: `${limits(known.schema, "Dose", "minutes", "min")} 0 is a bolus.`,
      live: (value) => set((one) => { one.minutes = value; }, "sliding"), done: () => editArm(() => {}, "released"),
    }) : null,
    ...dayFields(dose.days, here, "Number of doses", 12, (days, why) => set((one) => { one.days = days; }, why), () => editArm(() => {}, "released")),
    choice({ path: here("drug"), label: "Drug", value: dose.drug, options: same(DRUGS), set: (value) => set((one) => changeDrug(one, value, known)) }),
    choice({ path: here("route"), label: "Given", value: dose.route, options: pairs(ROUTES), set: (value) => set((one) => changeRoute(one, value, known)) }),
    make("div", { class: "detail-only" },
      tick({ path: here("ideal_body_weight"), label: "mg/kg of ideal body weight", value: dose.ideal_body_weight, set: (value) => set((one) => { one.ideal_body_weight = value; }) }),
      tick({ path: here("prepared"), label: "Prepared and integrated session", value: dose.prepared, set: (value) => set((one) => { one.prepared = value; }) })));
}

function changeDrug(dose, drug, known) {
  dose.drug = drug;
  const saline = drug === "saline";
  const limit = known.doses[`${drug} ${dose.route}`];
  if (saline) dose.amount = { value: 0, unit: "mg" };
  else dose.amount = limit ? { value: Math.min(limit.value, drug === "ketamine" ? 0.5 : limit.value), unit: limit.unit } : { value: 0.5, unit: "mg/kg" };
}

function changeRoute(dose, route, known) {
  dose.route = route;
  if (!INFUSED.includes(route)) dose.minutes = 0;
  else if (!dose.minutes) dose.minutes = 40;
  const limit = known.doses[`${dose.drug} ${route}`];
  if (limit && limit.unit !== dose.amount.unit) dose.amount = { value: limit.value, unit: limit.unit };
}

/** How many, how far apart, and the days themselves; these alone where they are no numbers yet. */
function dayFields(days, here, words, most, set, done) {
  const typed = text({ path: here("days"), label: "On days, from entry", value: [days].flat().join(", "), set: (value) => { set(readDays(value)); done(); } });
  if (!Array.isArray(days)) return [typed];
  const step = spacing(days);
  return [
    slider({ path: here("count"), label: words, value: days.length, unit: "", min: 1, max: Math.max(most, days.length), step: 1, help: "1 or more.", refuse: (given) => refusal(given, 1), live: (value) => set(counted(days, value), "sliding"), done }),
    days.length > 1 && step !== null ? slider({ path: here("spacing"), label: "Days between", value: step, unit: "d", min: 1, max: 42, step: 1, help: "1 d or more; other days stand in the next field.", refuse: (given) => refusal(given, 1, false), live: (value) => set(spread(days, value), "sliding"), done }) : null,
    typed,
  ];
}

function therapyGroup(therapy, index, arm, path, known, editArm) {
  const here = (...rest) => path("therapies", index, ...rest);
  const set = (work, why) => editArm((one) => work(one.therapies[index]), why);
  const first = firstDose(arm);
  const done = () => editArm(() => {}, "released");
  const lag = Number.isFinite(first) && Array.isArray(therapy.days) ? Math.round(therapy.days[0] - Math.floor(first)) : null;
  return make("fieldset", { class: "group", data: { group: here() } },
    make("legend", {}, arm.therapies.length > 1 ? `Therapy ${index + 1}` : "Therapy"),
    remover(`Remove therapy ${index + 1}`, () => editArm((one) => { one.therapies.splice(index, 1); })),
    choice({ path: here("type"), label: "Kind", value: therapy.type, options: pairs(THERAPIES), set: (value) => set((one) => { one.type = value; }) }),
    lag === null ? null : slider({
      path: here("lag"), label: "First session after the first dose", value: lag, unit: "d", min: -2, max: 21, step: 1,
      help: "Moves all sessions together.", refuse: (given) => refusal(given, -Math.floor(first)), live: (value) => set((one) => { one.days = shifted(therapy.days, value - lag); }, "sliding"), done,
    }),
    slider({ path: here("hours"), label: "Length of a session", value: therapy.hours, unit: "h", min: 0.5, max: 8, step: 0.5, help: limits(known.schema, "Therapy", "hours", "h"), live: (value) => set((one) => { one.hours = value; }, "sliding"), done }),
    ...dayFields(therapy.days, here, "Sessions", 24, (days, why) => set((one) => { one.days = days; }, why), done),
    make("div", { class: "detail-only" },
      slider({ path: here("exposure"), label: "Exposure to cues", value: therapy.exposure ?? 0, unit: "of 1", min: 0, max: 1, step: 0.05, help: described(known.schema, "Therapy", "exposure"), live: (value) => set((one) => { one.exposure = value; }, "sliding"), done }),
      tick({ path: here("retrieval"), label: "Sessions bring drug memories back to mind", value: therapy.retrieval, set: (value) => set((one) => { one.retrieval = value; }) })));
}

function medicationGroups(arm, path, known, follow, editArm) {
  const shown = [...arm.medications, null];
  return shown.map((medication, index) => {
    const here = (...rest) => path("medications", index, ...rest);
    if (!medication && index > 0) return null;
    const limit = medication && known.medications[medication.drug];
    return make("fieldset", { class: "group", data: { group: here() } },
      make("legend", {}, "Background medication"),
      choice({ path: here("drug"), label: "Medication", value: medication?.drug ?? "none", options: pairs(MEDICATIONS), help: medication ? "Its benefit lasts while it is taken." : "Without one, people who use opioids are a historical comparator.", set: (value) => editArm((one) => setMedication(one, index, value)) }),
      medication ? slider({
        path: here("amount"), label: "Each time", value: medication.amount.value, unit: "mg", min: 0, max: limit?.value ?? 60, step: 1, help: limit ? `0 or more. Highest ${limit.given}.` : "0 or more.",
        live: (value) => editArm((one) => { one.medications[index].amount = readAmount(value, "mg"); }, "sliding"), done: () => editArm(() => {}, "released"),
      }) : null,
      ...(medication ? takenFields(medication, here, known.schema, follow, (work, why) => editArm((one) => work(one.medications[index]), why)) : []));
  });
}

/** From when to when a medication is taken, and who never starts or may stop. */
function takenFields(medication, here, schema, follow, set) {
  const done = () => set(() => {}, "released");
  const part = (name, more) => slider({ path: here(name), min: 0, live: (value) => set((one) => { one[name] = value; }, "sliding"), done, ...more });
  const stop = (value) => set((one) => { if (value === "") delete one.stop_day; else one.stop_day = value; }, "sliding");
  return [
    part("start_day", { label: "From day", value: medication.start_day, unit: "d", max: 60, step: 1, help: limits(schema, "Medication", "start_day", "d") }),
    part("stop_day", { label: "Until day", value: medication.stop_day ?? "", at: medication.stop_day ?? follow, unit: "d", max: Math.floor(follow), step: 1, live: stop, help: `After the first day; ${Math.floor(follow)} d is the end of follow-up. Empty: until then.` }),
    make("div", { class: "detail-only" },
      part("induction_failure", { label: "Never get past its start", value: medication.induction_failure ?? 0, unit: "of 1", max: 1, step: 0.01, help: described(schema, "Medication", "induction_failure") }),
      tick({ path: here("may_stop"), label: "People may stop it, as the model says", value: medication.may_stop ?? true, set: (value) => set((one) => { one.may_stop = value; }) })),
  ];
}
