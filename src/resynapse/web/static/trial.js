// How is a trial run many times in the background, and what has been found so far?

import { $, make, say } from "./dom.js";
import { ask, get, getText, remove } from "./api.js";
import { enhance, keepOpen, width } from "./figures.js";
import { choice, showProblems, slider, text } from "./fields.js";
import { relist } from "./listed.js";
import { open, store } from "./store.js";
import { saveText } from "./take_away.js";

export const OPEN = ["waiting", "running", "stopping"];
const POLL = 1000;
const form = $("#trial-ask");
const result = $("#trial-result");
const FIRST = "time_to_lapse_median";
const wish = { arm: "", endpoint: FIRST, people: 100, trials: 1000, name: "" };
let runs = [];
/** What the list says, but for how far each run is. */
let listed = "";
let shown = { id: "", done: -1, state: "" };
let timer = 0;
let testable = [];

/** Endpoints that a trial of the programme as it is now can test, each with its words. */
export function tellTestable(found) {
  if (JSON.stringify(found) === JSON.stringify(testable)) return;
  testable = found;
  showTrial();
}

const others = () => store.scenario.protocol.arms.filter((arm) => arm.id !== store.scenario.protocol.reference);
const nameOf = (id) => store.scenario.protocol.arms.find((arm) => arm.id === id)?.label ?? id;

/** The question, for the programme as it is now. */
export function showTrial() {
  const arms = others();
  const run = $("#run-trial", form);
  if (!arms.some((arm) => arm.id === wish.arm)) wish.arm = arms.at(-1)?.id ?? "";
  if (testable.length && !testable.some(([name]) => name === wish.endpoint)) wish.endpoint = testable.some(([name]) => name === FIRST) ? FIRST : testable[0][0];
  const told = JSON.stringify([arms.map((arm) => [arm.id, arm.label]), wish.arm, store.scenario.protocol.reference, testable]);
  if (run && form.dataset.told === told) return;
  form.dataset.told = told;
  form.replaceChildren(...(arms.length ? questions(arms) : [make("p", { class: "small" }, "A trial compares two arms. Add one.")]));
}

function questions(arms) {
  const button = make("button", { class: "btn primary", type: "button", id: "run-trial", on: { click: begin } }, buttonWords());
  const heard = (part) => (value) => { wish[part] = value; button.textContent = buttonWords(); };
  return [
    make("div", { class: "questions" },
      choice({ path: "arm", label: "Arm", value: wish.arm, options: arms.map((arm) => [arm.id, arm.label]), help: `Against ${nameOf(store.scenario.protocol.reference)}.`, set: heard("arm") }),
      choice({ path: "endpoint", label: "Endpoint", value: wish.endpoint, options: testable.length ? testable : [[wish.endpoint, "Time to first use"]], help: "What the protocol lists, then others that its follow-up reaches.", set: heard("endpoint") }),
      slider({ path: "people", label: "Largest trial, people in each arm", value: wish.people, unit: "", min: 20, max: 500, step: 10, help: "2 to 2000. Smaller ones are drawn too.", live: heard("people"), done: () => {} }),
      slider({ path: "trials", label: "Trials", value: wish.trials, unit: "", min: 100, max: 5000, step: 100, help: "1 to 5000, rounded up to a multiple of 40, as they come from 40 batches of people. More trials or larger batches, narrower Monte Carlo interval.", live: heard("trials"), done: () => {} }),
      text({ path: "name", label: "Name of the run", value: wish.name, help: "Left empty, the title of the programme.", set: heard("name") })),
    make("div", { class: "row" }, button, make("span", { class: "small", id: "trial-said", role: "status" })),
    make("div", { id: "trial-faults" }),
  ];
}

const buttonWords = () => `Run ${wish.trials} trials`;

async function begin() {
  begins();
  const { protocol, seed } = store.scenario;
  const { arm, endpoint, people, trials, name } = wish;
  const faults = $("#trial-faults", form);
  faults.replaceChildren();
  try {
    const job = await ask("jobs", { protocol, seed, arm, endpoint, people, trials, ...(name ? { name } : {}) });
    shown = { id: job.id, done: -1, state: "" };
    await showRuns();
    $("#trial-said", form).textContent = "In the queue. You may close this page; the run goes on.";
  } catch (error) {
    const rest = showProblems(form, error.problems ?? [{ path: [], message: error.message }]);
    faults.replaceChildren(...(rest.length ? [make("div", { class: "faults", role: "alert" }, rest.map((one) => make("p", {}, one.message)))] : []));
  }
}

/** All runs that are kept, the latest first; asked again while one of them is not over. */
export async function showRuns() {
  clearTimeout(timer);
  try {
    runs = (await get("jobs")).filter((one) => one.kind === "trial");
  } catch { timer = setTimeout(showRuns, 5 * POLL); return; }
  list();
  await showResult();
  clearTimeout(timer);
  if (runs.some((one) => OPEN.includes(one.state))) timer = setTimeout(showRuns, POLL);
}

/** Made again only where more than progress has changed, or a first part has brought a button. */
function list() {
  const now = JSON.stringify(runs.map(({ done, left, ...rest }) => ({ ...rest, begun: done > 0 })));
  if (now === listed) { runs.forEach(progressed); return; }
  listed = now;
  relist($("#runs"), $("#runs-title"), runs.length
    ? make("ul", { class: "runs" }, runs.map(entry))
    : make("p", { class: "small" }, "Results that you keep appear here by name and date."));
}

function progressed(run) {
  const own = $(`#runs [data-run="${CSS.escape(run.id)}"]`);
  const bar = own && $("progress", own);
  if (!bar) return;
  bar.value = run.done;
  say(bar.nextElementSibling, words(run));
  const stop = $(`[data-act="stop ${CSS.escape(run.id)}"]`, own);
  if (!stop) return;
  say(stop, stopWords(run));
  stop.ariaLabel = `${stopWords(run)}: ${run.name}`;
}

const stopWords = (run) => (run.done ? `Stop and keep ${run.done}` : "Stop");

function entry(run) {
  const button = (act, words, heard, said = words) => make("button", { class: "btn bare", type: "button", "aria-label": `${said}: ${run.name}`, data: { act: `${act} ${run.id}` }, on: { click: heard } }, words);
  return make("li", { data: { run: run.id, state: run.state } },
    make("div", { class: "over" }, button("show", run.name, () => look(run.id), "Show"), make("span", { class: "small" }, when(run.created))),
    OPEN.includes(run.state) ? make("progress", { max: String(run.total), value: String(run.done), "aria-label": `Progress of ${run.name}` }) : null,
    make("p", { class: "small" }, words(run)),
    make("div", { class: "row" },
      OPEN.includes(run.state) ? button("stop", stopWords(run), () => end(run.id)) : button("delete", "Delete", () => forget(run.id)),
      run.done ? button("csv", "Trials, CSV", () => take(run)) : null,
      button("open", "Open its programme", () => bring(run.id))));
}

export const when = (seconds) => new Date(1000 * seconds).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short" });

function words(run) {
  const again = run.restarted && run.state === "running" ? " Continued after a restart; nothing was lost." : "";
  if (run.state === "waiting") return run.ahead ? `Waiting, ${run.ahead} before it.` : run.done ? `${run.done} of ${run.total} done; it goes on when its turn comes.` : "Next in the queue.";
  if (run.state === "running") return (run.done ? `${run.done} of ${run.total} done. ${left(run.left)}` : "Starting.") + again;
  if (run.state === "stopping") return `Stopping; ${run.done} are kept.`;
  if (run.state === "stopped") return `Stopped: ${run.done} of ${run.total} kept.`;
  if (run.state === "failed") return `${run.message} ${run.done} of ${run.total} kept.`;
  return `${run.total} trials, done.`;
}

export const left = (seconds) => (seconds >= 90 ? `About ${Math.round(seconds / 60)} min left.` : `About ${Math.max(1, Math.round(seconds))} s left.`);

async function look(id) {
  begins();
  shown = { id, done: -1, state: "" };
  await showResult();
  result.scrollIntoView({ block: "nearest" });
}

/** The run in view, again when more of it is done; the latest where none was chosen. */
async function showResult() {
  const run = runs.find((one) => one.id === shown.id) ?? runs[0];
  if (!run) { result.replaceChildren(); shown = { id: "", done: -1, state: "" }; return; }
  if (run.id === shown.id && run.done === shown.done && run.state === shown.state) return;
  try {
    const found = await get(`jobs/${run.id}?width=${width()}`);
    const opened = keepOpen(result);
    shown = { id: run.id, done: found.done, state: found.state };
    result.innerHTML = found.html;
    result.prepend(make("h3", { class: "after" }, found.name));
    result.dataset.done = String(found.done);
    opened();
    enhance(result, (figure) => getText(`jobs/${run.id}/figure/${figure}`), found.protocol.name);
  } catch { shown.done = -1; }
}

const refused = (error) => { $("#runs-said").textContent = error.message; };
/** What was said of an action stands until the next one begins. */
const begins = () => { $("#runs-said").textContent = ""; };

async function end(id) { begins(); await ask(`jobs/${id}/stop`, {}).catch(refused); await showRuns(); }
async function forget(id) { begins(); await remove(`jobs/${id}`).catch(refused); await showRuns(); }

async function bring(id) {
  begins();
  const found = await get(`jobs/${id}`).catch(refused);
  if (!found) { await showRuns(); return; }
  open({ ...store.scenario, protocol: found.protocol, seed: found.seed });
  scrollTo({ top: 0 });
}

async function take(run) { begins(); await saveText(`jobs/${run.id}/trials.csv`, `trials-${run.id}.csv`, "text/csv"); }
