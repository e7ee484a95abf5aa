// How is a report made in the background, and where are those that were made?

import { $, make, say } from "./dom.js";
import { ask, get, remove } from "./api.js";
import { relist } from "./listed.js";
import { open, store } from "./store.js";
import { asked, sayTaken, saveText } from "./take_away.js";
import { OPEN, left, when } from "./trial.js";

const POLL = 700;
/** Asked for on this page: saved once they are there. */
const waited = new Set();
let reports = [];
/** What the list says, but for how far each is. */
let shown = "";
let timer = 0;

export async function askReport() {
  sayTaken("Report: in the queue. You may close this page; it is made all the same, and stands below.");
  try {
    waited.add((await ask("jobs/report", asked())).id);
    await showReports();
  } catch (error) { sayTaken(error.message); }
}

/** All that are kept, the latest first; asked again while one of them is not over. */
export async function showReports() {
  clearTimeout(timer);
  try {
    reports = (await get("jobs")).filter((one) => one.kind === "report");
  } catch { timer = setTimeout(showReports, 5 * POLL); return; }
  list();
  for (const one of reports) {
    if (!waited.has(one.id) || OPEN.includes(one.state)) continue;
    waited.delete(one.id);
    if (one.state === "done") await take(one);
    else sayTaken(`Report: ${words(one)}`);
  }
  clearTimeout(timer);
  if (reports.some((one) => OPEN.includes(one.state))) timer = setTimeout(showReports, POLL);
}

/** Made again only where more than progress has changed: a press that spans two polls is heard. */
function list() {
  const now = JSON.stringify(reports, (name, value) => (name === "done" || name === "left" ? undefined : value));
  if (now === shown) { reports.forEach(progressed); return; }
  shown = now;
  relist($("#reports"), $("#reports-title"), reports.length
    ? make("ul", { class: "runs" }, reports.map(entry))
    : make("p", { class: "small" }, "Reports that were made appear here by name and date."));
}

function progressed(one) {
  const bar = $(`#reports [data-report="${CSS.escape(one.id)}"] progress`);
  if (!bar) return;
  bar.value = one.done;
  say(bar.nextElementSibling, words(one));
}

function entry(one) {
  const given = (act, words) => ({ class: "btn bare", "aria-label": `${words}: ${one.name}`, data: { act: `${act} ${one.id}` } });
  const button = (act, words, heard) => make("button", { ...given(act, words), type: "button", on: { click: heard } }, words);
  const path = `/api/jobs/${one.id}/report`;
  const over = !OPEN.includes(one.state);
  const done = one.state === "done";
  return make("li", { data: { report: one.id, state: one.state } },
    make("div", { class: "over" },
      done ? make("a", { ...given("see", "Open report"), href: path, target: "_blank", rel: "noopener" }, one.name) : make("span", {}, one.name),
      make("span", { class: "small" }, when(one.created))),
    over ? null : make("progress", { max: String(one.total), value: String(one.done), "aria-label": `Progress of the report ${one.name}` }),
    done ? null : make("p", { class: "small" }, words(one)),
    make("div", { class: "row" },
      done ? button("save", "Save", () => take(one)) : null,
      over ? button("delete", "Delete", () => forget(one.id)) : button("stop", "Stop", () => end(one.id)),
      button("bring", "Open its programme", () => bring(one.id))));
}

function words(one) {
  const again = one.restarted ? " Begun again after a restart." : "";
  if (one.state === "waiting") return (one.ahead ? `Waiting, ${one.ahead} before it.` : "Next in the queue.") + again;
  if (one.state === "running") return (one.done ? `${one.done} %. ${left(one.left)}` : "Starting.") + again;
  if (one.state === "stopping") return "Stopping.";
  if (one.state === "stopped") return "Stopped: a report is whole or none.";
  return one.message;
}

async function take(one) { await saveText(`jobs/${one.id}/report`, `${one.file}.html`, "text/html"); }

const refused = (error) => { sayTaken(error.message); };

async function end(id) { await ask(`jobs/${id}/stop`, {}).catch(refused); await showReports(); }
async function forget(id) { await remove(`jobs/${id}`).catch(refused); await showReports(); }

async function bring(id) {
  const found = await get(`jobs/${id}`).catch(refused);
  if (!found) { await showReports(); return; }
  open({ ...store.scenario, protocol: found.protocol, seed: found.seed, patients: found.patients });
  scrollTo({ top: 0 });
}
