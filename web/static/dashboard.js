// Keeps the Dashboard up to date: when something changed, and once a minute anyway. What did not change stays as it is.

import { notify } from "./page.js";
import { merge, parse, replacePart } from "./parts.js";
import { fetchQuietly } from "./quietly.js";
import "./waiting.js";

const PAUSE_MS = 5_000; // between two times that it is fetched
const ANYWAY_MS = 60_000;

const stale = document.getElementById("stale");

let state = ""; // the ETag of what is shown
let timer = 0;
let asking = null;
let isWanted = false; // something changed while it was being fetched
let askedAt = -PAUSE_MS;

function refresh() {
  if (document.hidden) return; // live.js says that everything changed when the page is looked at again
  if (asking) isWanted = true;
  else timer ||= setTimeout(ask, Math.max(0, askedAt + PAUSE_MS - performance.now()));
}

function ask() {
  clearTimeout(timer);
  timer = 0;
  isWanted = false;
  askedAt = performance.now();
  asking = fetchWidgets().finally(() => {
    asking = null;
    if (isWanted) refresh();
  });
  return asking;
}

async function fetchWidgets() {
  const answer = await fetchQuietly("/dashboard/widgets", state);
  const widgets = answer?.status === 200 ? await answer.text().catch(() => null) : "";
  if (widgets) {
    show(widgets);
    state = answer.headers.get("ETag") ?? "";
  }
  stale.hidden = Boolean(answer) && widgets !== null;
}

function show(widgets) {
  const fresh = parse(widgets);
  for (const part of fresh.querySelectorAll("[data-part]")) replacePart(part);
  for (const list of fresh.querySelectorAll("[data-list]")) merge(document.getElementById(list.id), list);
}

document.body.addEventListener("markdone:changed", refresh);
setInterval(refresh, ANYWAY_MS);

// ---- two people who were taken for one ----

const form = document.getElementById("dismiss");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  dismiss(new FormData(form, event.submitter));
});

async function dismiss(body) {
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true", "HX-Current-URL": location.href } });
  } catch {
    return notify("The platform cannot be reached; try again in a moment.", "bad");
  }
  const redirect = answer.headers.get("HX-Redirect");
  if (redirect) return location.assign(redirect);
  if (!answer.ok) return document.getElementById("notice").replaceChildren(parse(await answer.text()));
  notify("These two are not suggested again.", "good");
  await asking; // what is under way may have been read before
  await ask();
  if (document.activeElement === document.body) document.getElementById("suggestions-title").focus();
}
