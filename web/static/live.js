// Keeps a page up to date. While it is looked at, a stream says that something changed; where there is none, it asks
// every few seconds. While it is hidden, only notifications are asked for. What changed each part of a page fetches by
// itself, on these events of the body: markdone:changed {contact: whether the contact that is shown changed too} and
// markdone:notified. The contact that a page shows stands in its attribute data-live-contact, and what was merged into
// it in data-live-parts: a stream is of those that there were when it began.

import { readNews } from "./notices.js";
import { fetchQuietly, isSignedOut } from "./quietly.js";

const POLL_MS = 5_000;
const HIDDEN_POLL_MS = 30_000;
const NO_STREAM_MS = 60_000; // until a stream is tried again
const OPEN_WAIT_MS = 10_000; // a proxy that holds the stream back would never let it open
const LIST_PAUSE_MS = 2_000; // between two times that lists are fetched

let source = null;
let openWait = 0;
let poll = 0;
let retry = 0;
let state = ""; // the ETag of the last answer
let shown = "";

function start() {
  stop();
  if (isSignedOut()) return;
  if (document.hidden) {
    poll = setInterval(readNews, HIDDEN_POLL_MS);
    return;
  }
  shown = whatIsShown();
  source = new EventSource(`/live?contact=${contact()}`);
  openWait = setTimeout(askInstead, OPEN_WAIT_MS);
  source.addEventListener("open", () => {
    clearTimeout(openWait);
    everything(); // whatever happened while nobody listened
  });
  source.addEventListener("list", () => changed(false));
  source.addEventListener("contact", () => changed(true));
  source.addEventListener("notified", notified);
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) askInstead();
  });
}

function stop() {
  source?.close();
  source = null;
  clearTimeout(openWait);
  clearTimeout(retry);
  clearInterval(poll);
}

function askInstead() {
  stop();
  state = "";
  ask();
  poll = setInterval(ask, POLL_MS);
  retry = setTimeout(start, NO_STREAM_MS);
}

async function ask() {
  const answer = await fetchQuietly(`/live/state?contact=${contact()}`, state);
  if (!answer) return;
  state = answer.headers.get("ETag") ?? "";
  if (answer.status !== 200) return;
  const words = (await answer.json()).changed;
  if (words.includes("list") || words.includes("contact")) changed(words.includes("contact"));
  if (words.includes("notified")) notified();
}

function everything() {
  changed(true);
  notified();
}

const shows = () => document.querySelector("[data-live-contact]")?.dataset;
const contact = () => shows()?.liveContact ?? "";
const whatIsShown = () => `${contact()} ${shows()?.liveParts ?? ""}`;

let listTimer = 0;
let toldAt = -LIST_PAUSE_MS;

function changed(isContact) {
  if (isContact) return tellChanged(true);
  listTimer ||= setTimeout(tellChanged, Math.max(0, toldAt + LIST_PAUSE_MS - performance.now()), false);
}

function tellChanged(isContact) {
  clearTimeout(listTimer);
  listTimer = 0;
  toldAt = performance.now();
  document.body.dispatchEvent(new CustomEvent("markdone:changed", { detail: { contact: isContact } }));
}

function notified() {
  document.body.dispatchEvent(new CustomEvent("markdone:notified"));
}

document.addEventListener("markdone:signed-out", stop);
document.addEventListener("visibilitychange", start);
document.addEventListener("htmx:afterSettle", () => source && whatIsShown() !== shown && start());
addEventListener("pagehide", stop);
addEventListener("pageshow", (event) => event.persisted && start());

start();
