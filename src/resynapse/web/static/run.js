// When is the programme computed, and what does the page show meanwhile?

import { $, $$, say } from "./dom.js";
import { leaveAhead, lookAhead, watchHands } from "./ahead.js";
import { Unreachable, askKept, get } from "./api.js";
import { enhance, keepOpen, width } from "./figures.js";
import { drawn as drawnBands, notDrawn, sayDrawn } from "./drawn.js";
import { store } from "./store.js";
import { drawnByServer } from "./take_away.js";

const FIRST = ["opening", "notice"];
const OPENING = ["measured", "outcomes"];
const PATIENCE = 400;
const IDLE = 200;
const COMPILE_ASK = 1000;
const READY_ASK = 1000;
/** A hand that moves sends something every 16 ms; one that has sent nothing for so long rests, or has gone on slowly. */
const RESTING = 40;
let flight = null;
let told = () => {};
let again = false;
let resting = 0;
/** How the reader wants the figures; it changes no number. */
export const look = { unit: "ng/mL", singles: 0, enantiomers: false, log: false };
/** What stands in each part, so that one that is the same is left alone. */
const drawn = new Map();
export const last = { answer: null, shownAt: 0 };

export function onAnswer(tell) { told = tell; }

/** Parts whose place is on the screen now; they are drawn first. On an empty page all would be. */
function inSight() {
  if (!last.answer) return OPENING;
  const seen = $$("#figures > section").filter(isInSight).flatMap((section) => $$("[id^='part-']", section)).filter(isInSight);
  return seen.map((part) => part.id.replace("part-", ""));
}

function isInSight(element) {
  const box = element.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

/**
 * One at a time while a slider moves: a step that comes too early waits until the last one is shown, or
 * until the hand rests; then the one under way is left, so that the value under the hand is computed before
 * it is let go. A step for which another was left is shown in any case, so that something always is.
 * After the release: what is in sight first, then the rest with its rivals. Where the step under way
 * is the one that was released, it becomes that.
 */
export async function compute({ live = false, instead = false } = {}) {
  const asked = askedOf(store.scenario);
  const told = JSON.stringify(asked);
  if (live && flight?.live && !instead) { waits(told); return; }
  if (!live && flight?.live && flight.told === told) { flight.live = false; return; }
  flight?.abort.abort();
  const first = firstOf(asked);
  leaveAhead(first);
  const mine = { live, told, instead, abort: new AbortController() };
  flight = mine;
  again = false;
  document.documentElement.dataset.shown = "computing";
  notDrawn();
  const slow = setTimeout(() => late(true), PATIENCE);
  const compiling = setInterval(() => sayCompiling(mine), COMPILE_ASK);
  mine.rest = () => { clearTimeout(slow); clearInterval(compiling); };
  try {
    await answersTo(asked, first, mine);
  } catch (error) {
    if (error.name !== "AbortError" && flight === mine) refused(error);
  } finally {
    mine.rest();
    if (flight === mine) {
      flight = null;
      late(false);
      if (mine.live && again) compute({ live: true });
    }
  }
}

const askedOf = ({ protocol, patients, seed }) => ({ protocol, patients, seed, width: width(), ...look });
const firstOf = (asked) => ({ ...asked, worlds: ["default"], parts: [...FIRST, ...inSight()] });
const nextOf = (scenario) => firstOf(askedOf(scenario));

/** Where nothing is under way: what a hand would bring that has come to a slider. */
export function watchAhead() {
  watchHands(() => { if (!flight && last.answer) lookAhead(nextOf); });
}

/** The step that the hand has reached is next, at the latest when it rests; unless it is back where the flight is. */
function waits(told) {
  clearTimeout(resting);
  const under = flight;
  again = told !== under.told;
  if (!again || under.instead) return;
  resting = setTimeout(() => { if (flight === under && under.live && again) compute({ live: true, instead: true }); }, RESTING);
}

/** What is in sight, then all; or the step that the hand has reached meanwhile. */
async function answersTo(asked, seen, mine) {
  const first = await askKept("simulate", seen, mine.abort.signal);
  if (flight !== mine) return;
  show(first);
  if (mine.live) return;
  await idle(mine.abort.signal);
  const whole = await askKept("simulate", asked, mine.abort.signal);
  if (flight !== mine) return;
  show(whole, true);
  mine.rest();
  const bands = await drawnBands(asked, mine.abort.signal);
  if (flight !== mine) return;
  if (bands) {
    show({ ...whole, ...bands }, true);
    sayDrawn(bands);
  }
  lookAhead(nextOf);
}

/** The rivals wait until the hand rests: they take longer than what was asked for. */
const idle = (signal) => new Promise((go, stop) => {
  setTimeout(go, IDLE);
  signal.addEventListener("abort", () => stop(new DOMException("Moved on", "AbortError")));
});

function late(is) { $("#figures").classList.toggle("late", is); }

async function sayCompiling(mine) {
  const state = await get("state").catch(() => null);
  if (!state || flight !== mine) return;
  $("#status").textContent = words(state);
}

function words({ ready, compiling }) {
  if (compiling) return "Compiling: this kind of programme is new here, so its machine code is made first. About 20 s, once.";
  return ready ? "Computing." : "Loading the model. What is asked for is computed as soon as it is there.";
}

const LOADING = " The model is still being loaded: a change is computed as soon as it is there.";

/** What a kept answer is; and, as long as it is shown and the model is not ready, that a change has to wait. */
async function sayKept(answer) {
  const state = await get("state").catch(() => null);
  if (!state || last.answer !== answer) return;
  const { shown } = document.documentElement.dataset;
  if (shown === "whole") say($("#status"), origin(answer, true) + (state.ready ? "" : LOADING));
  if (shown === "computing" || !state.ready) setTimeout(() => sayKept(answer), READY_ASK);
}

function show(answer, whole = false) {
  late(false);
  for (const [name, html] of Object.entries(answer.parts)) {
    const part = document.getElementById(`part-${name}`);
    if (!part || drawn.get(name) === html) continue;
    drawn.set(name, html);
    const opened = keepOpen(part);
    part.innerHTML = html;
    opened();
    enhance(part, drawnByServer);
  }
  last.answer = answer;
  last.shownAt = performance.now();
  document.documentElement.dataset.shown = whole ? "whole" : "first";
  $("#gone").hidden = true;
  say($("#status"), origin(answer, whole));
  if (whole && answer.kept) sayKept(answer);
  told(answer, []);
}

function origin({ kept, seconds: took }, whole) {
  const rivals = whole ? ", with its rivals" : "";
  if (kept) return `Kept from an earlier start of this version, computed then in ${seconds(took)}${rivals}.`;
  return whole ? `Computed in ${seconds(took)}${rivals}.` : "";
}

const seconds = ({ run, draw }) => `${(run + draw).toFixed(2)} s`;

function refused(error) {
  if (error instanceof Unreachable) {
    $("#gone").textContent = "The server does not answer. Your programme is in the address bar; nothing is lost.";
    $("#gone").hidden = false;
    document.documentElement.dataset.shown = "gone";
    return;
  }
  document.documentElement.dataset.shown = "refused";
  const problems = error.problems ?? [{ path: [], message: `The page failed: ${error.message}` }];
  $("#status").textContent = "Not computed: see what is marked in red. The figures show the last programme that could be.";
  told(null, problems);
}
