// Who takes part, and which contested mechanisms act? What the file may say of both, in detailed mode.

import { make, round } from "./dom.js";
import { choice, slider, told } from "./fields.js";
import { inWords, limits, sentence } from "./limits.js";

const OPEN = new Set();
const BODY = { weight_kg: { label: "Body weight", step: 1 }, age_years: { label: "Age", step: 1 } };
const SHAPE = { mean: "mean", sd: "standard deviation", low: "lowest", high: "highest" };
const GENES = { normal: "CYP2B6, without the *6 allele", intermediate: "CYP2B6, one *6 allele", poor: "CYP2B6, two *6 alleles" };
const SHARES = 6;

/** Age, weight, sex, liver, genotype and inhibitor; ``set`` changes the protocol, ``done`` ends a slide. */
export function populationFields({ population }, schema, set, done) {
  const record = schema.$defs.Population.properties;
  const edit = (work, why) => set((one) => work(one.population), why);
  const slide = (work) => (value) => edit((one) => work(one, value), "sliding");
  const word = (name, label) => choice({
    path: `population.${name}`, label, value: population[name], options: record[name].enum.map((one) => [one, one]),
    help: sentence(record[name].description), set: (value) => edit((one) => { one[name] = value; }),
  });
  return [folded("population", "Age, weight, sex, liver, genotype", changedIn(population, record), [
    ...Object.entries(BODY).flatMap(([name, how]) => spread(name, how, population[name], record[name], schema, slide, edit, done)),
    slider({ path: "population.female", label: "Share of women", value: population.female, unit: "of 1", min: 0, max: 1, step: 0.01, help: limits(schema, "Population", "female"), live: slide((one, value) => { one.female = value; }), done }),
    word("liver", "Liver"),
    word("inhibitor", "Inhibitor or inducer"),
    ...genotype(population.cyp2b6, schema, slide, done),
  ])];
}

/** A normal distribution of adults, cut off at both ends; an end that is left empty is none. */
function spread(name, { label, step }, law, shown, schema, slide, edit, done) {
  const { minimum, maximum, unit } = shown;
  const parts = schema.$defs.Distribution.anyOf.find((one) => one.properties?.mean).properties;
  const within = inWords({ minimum, maximum }, unit);
  return Object.entries(SHAPE).map(([part, words]) => slider({
    path: `population.${name}.${part}`, label: `${label}, ${words}`, value: law[part] ?? "", at: law[part] ?? { low: minimum, high: maximum }[part], unit, step,
    min: part === "sd" ? 0 : minimum, max: part === "sd" ? Math.round((maximum - minimum) / 4) : maximum,
    help: part === "mean" ? `${sentence(shown.description)} ${within}` : `${sentence(parts[part].description)} ${part === "sd" ? inWords(parts.sd, unit) : `${within} Empty: no limit.`}`,
    live: (value) => {
      if (value === "") edit((one) => { delete one[name][part]; }, "sliding");
      else slide((one, given) => { one[name][part] = given; })(value);
    },
    done,
  }));
}

/** Two shares are given, the third is what is left of 1. */
function genotype(shares, schema, slide, done) {
  const here = (part) => `population.cyp2b6.${part}`;
  const rest = (one) => { one.cyp2b6.normal = round(1 - one.cyp2b6.intermediate - one.cyp2b6.poor, SHARES); };
  const given = ["intermediate", "poor"].map((part) => slider({
    path: here(part), label: GENES[part], value: shares[part], unit: "of 1", min: 0, max: 1, step: 0.0025, help: `${sentence(schema.$defs.Cyp2b6.properties[part].description)} ${limits(schema, "Cyp2b6", part)}`,
    live: slide((one, value) => { one.cyp2b6[part] = value; if (typeof value === "number") rest(one); }), done,
  }));
  return [...given, told({ path: here("normal"), label: GENES.normal, value: `${round(shares.normal, SHARES)} of 1`, help: `${sentence(schema.$defs.Cyp2b6.properties.normal.description)} What the other two leave of 1.` })];
}

/** The share that is left over is told by the two that it is left over from. */
export const withLeft = (population) => (problem) => {
  const { intermediate, poor } = population?.cyp2b6 ?? {};
  if (problem.path.join(".") !== "population.cyp2b6.normal" || !(intermediate + poor > 1)) return problem;
  return { ...problem, message: `One and two *6 alleles add up to ${round(intermediate + poor, SHARES)}; together they may be 1 at most. Lower one of them.` };
};

/** Every switch with what is contested; one that is left as it is does not stand in the file. */
export function switchFields({ switches }, schema, set) {
  const record = schema.$defs.Switches.properties;
  const words = (on) => (on ? "on" : "off");
  const put = (name) => (value) => set((one) => {
    if (value === "default") delete one.switches[name];
    else one.switches[name] = value === "on";
  });
  return [folded("switches", "Contested mechanisms", Object.keys(switches).length, Object.entries(record).map(([name, shown]) => choice({
    path: `switches.${name}`, label: spoken(name), value: name in switches ? words(switches[name]) : "default",
    options: [["default", `default, ${words(shown.default)}`], ["on", "on"], ["off", "off"]], help: shown.description, set: put(name),
  })))];
}

const spoken = (name) => { const said = name.replaceAll("_", " ").replace("cyp2b6", "CYP2B6"); return said[0].toUpperCase() + said.slice(1); };

/** How many parts of a record are not what the file takes when it says nothing. */
const changedIn = (given, record) => Object.keys(BODY).concat("female", "liver", "inhibitor", "cyp2b6")
  .filter((name) => !same(given[name], record[name].default)).length;

const same = (one, other) => (typeof one === "object" ? Object.keys({ ...one, ...other }).every((key) => one[key] === other[key]) : one === other);

/** Behind a heading that says how much was changed; open or closed as it was left. */
function folded(name, words, changed, fields) {
  const box = make("details", { class: "group fold", open: OPEN.has(name), data: { fold: name } },
    make("summary", {}, words, make("span", { class: "small" }, changed ? `${changed} changed` : "as by default")), fields);
  box.addEventListener("toggle", () => { OPEN[box.open ? "add" : "delete"](name); });
  return box;
}
