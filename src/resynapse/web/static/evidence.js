// Which studies and parameters stand behind the model? Asked for when someone looks.

import { $, make } from "./dom.js";
import { get, getText } from "./api.js";
import { enhance } from "./figures.js";

async function fill(part, path) {
  try {
    part.innerHTML = (await get(path)).html;
  } catch (error) { part.textContent = error.message; }
}

/** Studies when their section comes near; parameters when they are opened. */
export function watchEvidence() {
  const studies = $("#part-evidence");
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watcher.disconnect();
    fill(studies, "evidence").then(() => enhance(studies, () => getText("evidence/figure"), "resynapse"));
  }, { rootMargin: "800px" });
  watcher.observe(studies);
  const inside = make("div", {});
  const every = make("details", { class: "study", id: "parameters" }, make("summary", {}, "Every parameter of the model, with unit, prior and source"), inside);
  every.addEventListener("toggle", () => { if (every.open && !inside.firstChild) fill(inside, "parameters"); });
  studies.after(every);
}
