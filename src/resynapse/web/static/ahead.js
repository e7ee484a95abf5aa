// Which value will the keyboard ask for next? It is computed before it is asked, while nobody wants anything else.

import { $ } from "./dom.js";
import { askAhead } from "./api.js";

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
let way = 1;

/** The way in which a slider was stepped last; ``rest`` hears of one that the keyboard has come to. */
export function watchKeys(rest) {
  $("#build").addEventListener("keydown", (event) => { if (event.target.type === "range") way = KEYS[event.key] ?? way; });
  $("#build").addEventListener("focusin", (event) => { if (event.target.type === "range") rest(); });
}

/** The next value of the slider that the keyboard is on, and then the one before; ``question`` makes its request. */
export async function lookAhead(question, signal) {
  const range = document.activeElement;
  if (!range?.matches("#build input[type=range]:focus-visible")) return;
  for (const by of [way, -way]) {
    const next = range.stepped?.(by);
    if (next && !signal.aborted) await askAhead("simulate", question(next), signal);
  }
}
