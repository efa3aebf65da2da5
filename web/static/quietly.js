// Asks the platform for something that nobody pressed a button for.

import { notify } from "./page.js";

let isOut = false;
export const isSignedOut = () => isOut;

// null where there is no usable answer; the header makes the platform say 401 instead of leading to the log-in.
export async function fetchQuietly(address, etag) {
  const headers = { "HX-Request": "true", ...(etag && { "If-None-Match": etag }) };
  try {
    const answer = await fetch(address, { headers, cache: "no-store" });
    if (answer.status === 401) signOut();
    return answer.ok || answer.status === 304 ? answer : null;
  } catch {
    return null;
  }
}

function signOut() {
  isOut = true;
  document.dispatchEvent(new CustomEvent("markdone:signed-out"));
  notify("You have been logged out. What you see is no longer kept up to date; reload the page to log in.", "warning");
}
