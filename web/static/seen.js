// What the user has seen last, which a close carries: the contact may have written since then.

import { ownNumbers } from "./lines.js";

export const lastNumber = () => Math.max(-1, ...ownNumbers());

let toldIn = null; // the dialog that says that something came meanwhile

export function tellIn(dialog) {
  toldIn = dialog;
}

// What is decided in a dialog is decided on what could be seen when it was opened.
export function noteLast() {
  if (!document.getElementById("conversation")) return;
  const last = lastNumber();
  const notes = [["[data-last-entry]", last < 0 ? "" : last], ["[data-open-number]", document.getElementById("composer-state").dataset.number]];
  for (const [which, value] of notes) {
    for (const input of document.querySelectorAll(which)) {
      const dialog = input.closest("dialog[open]");
      if (!dialog || dialog === toldIn) input.value = value;
    }
  }
}

document.addEventListener("close", noteLast, true);
