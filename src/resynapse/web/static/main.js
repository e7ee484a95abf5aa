// What happens from the opening of the page to each change?

import { $, command, make, say, swatch } from "./dom.js";
import { get } from "./api.js";
import { begin, showBuild, showFaults, tellArms } from "./build.js";
import { showCircuit } from "./circuit.js";
import { watchEvidence } from "./evidence.js";
import { watchBands } from "./drawn.js";
import { nameArms } from "./figures.js";
import { compute as computeInfusion, watchInfusion } from "./infusion.js";
import { watchParameters } from "./parameters.js";
import { watchPrint } from "./print.js";
import { askReport, showReports } from "./reports.js";
import { compute, look, onAnswer, watchAhead } from "./run.js";
import { fromAddress, keepInAddress, sayUnreadable } from "./share.js";
import { listen, open, store } from "./store.js";
import { showTakers } from "./take_away.js";
import { showTimeline } from "./timeline.js";
import { showRuns, showTrial, tellTestable } from "./trial.js";
import "./timeline_moves.js";

const figures = $("#figures");
const SINGLES = 12;
const LATEST = 500;
let near = false;
let untidy = false;
let held = null;
let wrong = [];

function toggles() {
  const seg = { bands: false, typical: true };
  for (const [id, typical] of Object.entries(seg)) {
    $(`#${id}`).addEventListener("click", () => {
      figures.classList.toggle("typical", typical);
      for (const other of Object.keys(seg)) $(`#${other}`).setAttribute("aria-pressed", String(other === id));
    });
  }
  for (const id of ["rival", "published"]) {
    $(`#${id}`).addEventListener("change", (event) => figures.classList.toggle(`no-${id}`, !event.target.checked));
  }
  $("#singles").addEventListener("change", (event) => { look.singles = event.target.checked ? SINGLES : 0; compute(); });
  for (const id of ["enantiomers", "log"]) {
    $(`#${id}`).addEventListener("change", (event) => { look[id] = event.target.checked; compute(); });
  }
  const units = { ng: "ng/mL", umol: "umol/L" };
  for (const [id, unit] of Object.entries(units)) {
    $(`#${id}`).addEventListener("click", () => {
      look.unit = unit;
      for (const other of Object.keys(units)) $(`#${other}`).setAttribute("aria-pressed", String(other === id));
      compute();
    });
  }
  watchBands(compute);
  $("#detail").addEventListener("click", (event) => {
    const on = document.body.classList.toggle("detailed");
    event.target.textContent = on ? "Hide detail" : "Show detail";
    event.target.setAttribute("aria-pressed", String(on));
  });
}

/** Each arm can be taken out of sight, in all figures at once. */
function armToggles(arms) {
  const told = JSON.stringify(arms.map((arm) => [arm.place, arm.name]));
  if ($("#arm-toggles").dataset.told === told) return;
  $("#arm-toggles").dataset.told = told;
  const hidden = new Set([...document.body.classList].filter((name) => name.startsWith("off-a")));
  $("#arm-toggles").replaceChildren(...arms.map((arm) => {
    const css = `off-a${arm.place}`;
    const box = make("input", { type: "checkbox", checked: !hidden.has(css), on: { change: (event) => document.body.classList.toggle(css, !event.target.checked) } });
    return make("label", { class: "check" }, box, swatch(arm.place), make("span", {}, arm.name));
  }));
}

function answered(answer, problems) {
  if (problems.length) tidy();
  else requestAnimationFrame(() => setTimeout(tidy));
  wrong = problems;
  showFaults(problems);
  if (!answer) return;
  nameArms(answer.arms);
  tellArms(answer.arms);
  armToggles(answer.arms);
  tellTestable(answer.testable);
  if ($("#command").textContent !== answer.command) $("#command").replaceChildren(...command(answer.command));
  if (document.documentElement.dataset.shown !== "whole") return;
  if (near) showCircuit();
  computeInfusion();
}

/** The circuit is asked for once it comes near the screen: most changes are looked at elsewhere. */
function watchCircuit() {
  const watcher = new IntersectionObserver((seen) => {
    near = seen.at(-1).isIntersecting;
    if (near && document.documentElement.dataset.shown === "whole") showCircuit();
  }, { rootMargin: "600px" });
  watcher.observe($("#circuit-section"));
}

/**
 * The question leaves before the page is put in order: both take time, and one need not wait for the other.
 * A slider that is let go shows its value already: the rest waits until its answer is drawn, or half a second.
 */
function shown(why) {
  if (why !== "selected") compute({ live: why === "sliding" });
  say($("#title"), store.scenario.protocol.title);
  const named = `${store.scenario.protocol.title} | Resynapse`;
  if (document.title !== named) document.title = named;
  untidy = true;
  if (why === "released") {
    held = fieldOf(document.activeElement);
    setTimeout(tidy, LATEST);
  } else tidy();
  if (why !== "selected") keepInAddress();
  else if (wrong.length) showFaults(wrong);
}

const fieldOf = (element) => element?.closest?.("#build [data-path]") ?? null;

/** Who turns to another field before that finds it as it is now. */
function watchFields() {
  for (const heard of ["pointerover", "focusin"]) {
    $("#build").addEventListener(heard, (event) => { if (untidy && fieldOf(event.target) !== held) tidy(); });
  }
}

function tidy() {
  if (!untidy) return;
  untidy = false;
  showBuild();
  showTimeline();
  showTrial();
}

async function start() {
  if (innerWidth <= 1100) $("#edit").open = false;
  toggles();
  showTakers(askReport);
  onAnswer(answered);
  watchFields();
  watchAhead();
  watchCircuit();
  watchEvidence();
  watchPrint();
  watchParameters();
  watchInfusion();
  begin(await get("schema"));
  listen(shown);
  const kept = await fromAddress().catch(sayUnreadable);
  open(kept ?? await get("example"));
  showRuns();
  showReports();
}

start().catch(() => {
  $("#gone").textContent = "The page could not be loaded from the server. Start it again with resynapse serve, and reload.";
  $("#gone").hidden = false;
});

