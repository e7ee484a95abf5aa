// How does paper get what nobody has looked at yet?

import { $ } from "./dom.js";
import { printCircuit, showCircuit } from "./circuit.js";
import { showEvidence } from "./evidence.js";

/** The button and Ctrl+P fetch what is missing first; the menu of the browser prints what is there, and says what is not. */
export function watchPrint() {
  $("#print").addEventListener("click", printAll);
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "p") return;
    event.preventDefault();
    printAll();
  });
  addEventListener("beforeprint", printCircuit);
}

export async function printAll() {
  $("#taken").textContent = "Print: the circuit and the evidence are being fetched.";
  const [missing] = await Promise.all([showCircuit(), showEvidence()]);
  $("#taken").textContent = missing ? `Printed without the circuit: ${missing}` : "";
  printCircuit();
  print();
}
