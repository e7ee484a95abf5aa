// Which value will the keyboard ask for next? It is computed before it is asked, while nobody wants anything else.

import { $ } from "./dom.js";
import { askAhead } from "./api.js";

const STEPS = ["ArrowLeft", "ArrowRight"];
const JUMPS = ["PageDown", "PageUp"];
const SAME = { ArrowDown: "ArrowLeft", ArrowUp: "ArrowRight" };
/** Who steps on within this time is not after a jump. */
const RESTS = 600;
let last = "ArrowRight";

/** The key by which a slider was moved last; ``rest`` hears of one that the keyboard has come to. */
export function watchKeys(rest) {
  $("#build").addEventListener("keydown", (event) => {
    const key = SAME[event.key] ?? event.key;
    if (event.target.type === "range" && [...STEPS, ...JUMPS].includes(key)) last = key;
  });
  $("#build").addEventListener("focusin", (event) => { if (event.target.type === "range") rest(); });
}

/**
 * What the last key would bring if it came again, the key back, and after a rest the other two keys, of the slider that
 * the keyboard is on; ``question`` makes its request.
 */
export async function lookAhead(question, signal) {
  const [first, later] = STEPS.includes(last) ? [STEPS, JUMPS] : [JUMPS, STEPS];
  await each(first, question, signal);
  await new Promise((go) => setTimeout(go, RESTS));
  await each(later, question, signal);
}

async function each(keys, question, signal) {
  const range = document.activeElement;
  if (signal.aborted || !range?.matches("#build input[type=range]:focus-visible")) return;
  const onward = [...STEPS, ...JUMPS].indexOf(last) % 2;
  for (const key of [keys[onward], keys[1 - onward]]) {
    const next = range.pressed?.(key);
    if (next && !signal.aborted) await askAhead("simulate", question(next), signal);
  }
}
