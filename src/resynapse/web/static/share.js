// How does the whole programme stand in the address, and come back from it?

import { refuse } from "./shelf.js";
import { open, store } from "./store.js";

const MARK = "#p=";
const base64 = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function through(data, stream) {
  const piped = new Blob([data]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

export async function fragment(scenario) {
  const packed = await through(JSON.stringify(scenario), new CompressionStream("deflate-raw"));
  return MARK + base64(packed);
}

/** The programme in the address; null where there is none, refused where it cannot be read. */
export async function fromAddress(hash = location.hash) {
  if (!hash.startsWith(MARK)) return null;
  const text = await through(bytes(hash.slice(MARK.length)), new DecompressionStream("deflate-raw"));
  const found = JSON.parse(new TextDecoder().decode(text));
  if (!found?.protocol?.arms?.length) throw new Error("no programme");
  return found;
}

/** A link that was cut on its way, or typed: what is shown is not what somebody sent. */
export function sayUnreadable() {
  refuse("The programme of this link cannot be read", [{ message: "The link is not whole: copy all of it, to its last letter. What is shown is another programme." }]);
  return null;
}

const REST = 400;
let waiting = 0;

/** Written when the last change is shown as a rule, in place: the way back leads out of the page, not through every step. */
export function keepInAddress() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => history.replaceState(null, "", await fragment(store.scenario)), REST);
}

addEventListener("hashchange", async () => {
  const found = await fromAddress().catch(sayUnreadable);
  if (found) open(found);
});
