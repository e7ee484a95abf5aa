// What do the bands of figures show: people under one set of parameters, what nobody knows, or both?

import { $, say } from "./dom.js";
import { Refusal, ask } from "./api.js";

const POLL = 700;
const KINDS = ["patients", "knowledge", "both"];
const wish = { bands: "patients", draws: 32 };
const MEANING = {
  patients: "",
  knowledge: "how far the middle person or the curve moves when the parameters are drawn anew",
  both: "people and parameters at once",
};

/** ``again`` has everything computed once more, in which the bands come last. */
export function watchBands(again) {
  for (const kind of KINDS) {
    $(`#${kind}`).addEventListener("click", () => {
      wish.bands = kind;
      for (const other of KINDS) $(`#${other}`).setAttribute("aria-pressed", String(other === kind));
      $("#draws-asked").hidden = kind === "patients";
      again();
    });
  }
  $("#draws").addEventListener("change", (event) => { wish.draws = Number(event.target.value); again(); });
}

/** Curves that have just come have bands over people: those over draws come later, or not at all. */
export function notDrawn() {
  document.documentElement.dataset.bands = "patients";
  say($("#drawn-said"), "");
}

/** The parts with the bands that are wanted, once they are there; null where people are, or none can be had. */
export async function drawn(asked, signal) {
  if (wish.bands === "patients") return null;
  try {
    return await waitedFor(asked, signal);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say($("#drawn-said"), `${error.message} Bands show patients.`);
    return null;
  }
}

async function waitedFor(asked, signal) {
  let begun = 0;
  let from = 0;
  for (;;) {
    const found = await ask("knowledge", { ...asked, ...wish }, signal);
    if (found.parts) return found;
    if (!from && found.done) { from = found.done; begun = performance.now(); }
    say($("#drawn-said"), `Drawing the parameters: ${found.done} of ${found.total}.${left(found, from, begun)} Until then bands show patients.`);
    await new Promise((go) => setTimeout(go, POLL));
    signal.throwIfAborted();
  }
}

/** What figures show now, where it is not people alone. */
export const shownBands = () => (document.documentElement.dataset.bands === wish.bands && wish.bands !== "patients" ? { ...wish } : null);

export function sayDrawn(found) {
  document.documentElement.dataset.bands = wish.bands;
  say($("#drawn-said"), `Bands show ${wish.bands}, ${MEANING[wish.bands]}: ${found.total} draws. Each figure says what its band is.`);
}

function left({ done, total }, from, begun) {
  if (done <= from) return "";
  const seconds = ((performance.now() - begun) / 1000) * ((total - done) / (done - from));
  return ` About ${Math.max(1, Math.round(seconds))} s left.`;
}
