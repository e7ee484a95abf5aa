// Which studies stand behind the model, and where was it right and wrong? Asked for when someone looks.

import { $ } from "./dom.js";
import { get, getText } from "./api.js";
import { enhance } from "./figures.js";

/** Studies when their section comes near. */
export function watchEvidence() {
  const studies = $("#part-evidence");
  const watcher = new IntersectionObserver(async (seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watcher.disconnect();
    try {
      studies.innerHTML = (await get("evidence")).html;
      enhance(studies, () => getText("evidence/figure"), "resynapse");
    } catch (error) { studies.textContent = error.message; }
  }, { rootMargin: "800px" });
  watcher.observe(studies);
}
