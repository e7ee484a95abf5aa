// Which studies stand behind the model, and where was it right and wrong? Asked for when someone looks, or prints.

import { $, $$, say } from "./dom.js";
import { get, getText } from "./api.js";
import { enhance } from "./figures.js";

const studies = $("#part-evidence");
let asked = null;

/** Studies when their section comes near. */
export function watchEvidence() {
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watcher.disconnect();
    showEvidence();
  }, { rootMargin: "800px" });
  watcher.observe(studies);
}

/** Asked for once; again where it failed. */
export function showEvidence() {
  asked ??= fill().catch((error) => { studies.textContent = error.message; asked = null; });
  return asked;
}

async function fill() {
  studies.innerHTML = (await get("evidence")).html;
  enhance(studies, () => getText("evidence/figure"), "resynapse");
  $("#study-filter").addEventListener("input", (event) => filter(event.target.value));
}

/** Only studies that hold all words, wherever they stand; roles that have some are open meanwhile. */
function filter(given) {
  const words = given.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (one) => words.every((word) => one.textContent.toLowerCase().includes(word));
  let found = 0;
  for (const role of $$(".role", studies)) {
    const all = $$(".one", role);
    const shown = all.filter(holds);
    for (const one of all) one.hidden = !shown.includes(one);
    found += shown.length;
    role.open = words.length > 0 && shown.length > 0;
    say($(".count", role), words.length ? `${shown.length} of ${all.length}` : String(all.length));
  }
  say($("#study-found"), words.length ? `${found} ${found === 1 ? "study" : "studies"} found.` : "");
}
