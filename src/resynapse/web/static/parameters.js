// Which numbers of the model stand behind a figure, with unit, prior and source? Asked for when they are opened.

import { $, make } from "./dom.js";
import { ask } from "./api.js";
import { listen, store } from "./store.js";

/** Section -> links of the chain, or files of one. */
const BEHIND = {
  "#part-measured": ["pharmacology"],
  "#part-outcomes": ["behaviour", "patient"],
  "#part-why": ["receptor", "circuit", "plasticity", "pathways"],
  "#part-symptoms": ["symptoms"],
  "#part-safety": ["dissociation", "blood_pressure", "sedation", "nausea", "overdose"],
};
const shown = [];

/** All of them below the evidence; those of each part of the figures where detail is wanted. */
export function watchParameters() {
  $("#part-evidence").after(opening("Every parameter of the model, with unit, prior and source", [], { id: "parameters" }));
  for (const [part, links] of Object.entries(BEHIND)) {
    $(part).closest("section").append(make("div", { class: "detail-only" }, opening("Parameters behind these figures, with unit, prior and source", links)));
  }
  listen(() => shown.forEach((fill) => fill()));
}

function opening(words, links, more = {}) {
  const inside = make("div", {});
  const box = make("details", { class: "study", ...more }, make("summary", {}, words), inside);
  let told = "";
  const fill = async () => {
    if (!box.open) return;
    const { protocol } = store.scenario;
    const wanted = JSON.stringify([protocol.disorder, protocol.switches]);
    if (wanted === told) return;
    told = wanted;
    try {
      inside.innerHTML = (await ask("parameters", { protocol, parts: links })).html;
    } catch (error) { told = ""; inside.textContent = error.message; }
  };
  box.addEventListener("toggle", fill);
  shown.push(fill);
  return box;
}
