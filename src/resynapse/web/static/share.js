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
  const packed = await through(JSON.stringify(scenario), packer());
  return MARK + base64(packed);
}

/** The programme in the address; null where there is none, refused with the reason where it cannot be read. */
export async function fromAddress(hash = location.hash) {
  if (!hash.startsWith(MARK)) return null;
  const found = await unpacked(hash.slice(MARK.length), unpacker());
  if (!found?.protocol?.arms?.length) throw new Error("The link is whole, but there is no programme with arms in it: ask for another.");
  return found;
}

function packer() {
  try { return new CompressionStream("deflate-raw"); } catch {
    throw new Error("This browser cannot pack a programme into a link: use a newer one, or save it with \u201cProgramme, YAML\u201d under Take away.");
  }
}

function unpacker() {
  try { return new DecompressionStream("deflate-raw"); } catch {
    throw new Error("This browser cannot unpack what is in the link, which may be whole: open it in a newer one.");
  }
}

async function unpacked(packed, stream) {
  try { return JSON.parse(new TextDecoder().decode(await through(bytes(packed), stream))); } catch {
    throw new Error("The link is not whole: copy all of it, to its last letter.");
  }
}

/** Why what is shown is not what somebody sent. */
export function sayUnreadable({ message }) {
  refuse("The programme of this link cannot be read", [{ message: `${message} What is shown is another programme.` }]);
  return null;
}

const REST = 400;
let waiting = 0;

/** Written when the last change is shown as a rule, in place: the way back leads out of the page, not through every step. */
export function keepInAddress() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const link = await fragment(store.scenario).catch(() => null);
    if (link) history.replaceState(null, "", link);
  }, REST);
}

addEventListener("hashchange", async () => {
  const found = await fromAddress().catch(sayUnreadable);
  if (found) open(found);
});
