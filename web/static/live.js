// Keeps a page up to date. While it is looked at, a stream says that something changed; where there is none, it asks
// every few seconds. While it is hidden, only notifications are asked for. What changed each part of a page fetches by
// itself, on these events of the body: markdone:changed {contact: whether the contact that is shown changed too} and
// markdone:notified. The contact that a page shows stands in its attribute data-live-contact.

import { notify } from "./page.js";

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
let shownContact = "";
let isSignedOut = false;

function start() {
  stop();
  if (isSignedOut) return;
  if (document.hidden) {
    poll = setInterval(readNews, HIDDEN_POLL_MS);
    return;
  }
  shownContact = contact();
  source = new EventSource(`/live?contact=${shownContact}`);
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

// null where there is no usable answer; the header makes the platform say 401 instead of leading to the log-in.
async function fetchQuietly(address, etag) {
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
  isSignedOut = true;
  stop();
  notify("You have been logged out. What you see is no longer kept up to date; reload the page to log in.", "warning");
}

function everything() {
  changed(true);
  notified();
}

function contact() {
  return document.querySelector("[data-live-contact]")?.dataset.liveContact ?? "";
}

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

// ---- notifications ----

const TOLD = `markdone.told.${document.body.dataset.user}`; // when the newest notice came that was shown; of all tabs
let newsTag = "";
let unread = 0;

async function readNews() {
  const answer = await fetchQuietly("/notifications/news", newsTag);
  if (answer?.status !== 200) return;
  newsTag = answer.headers.get("ETag") ?? "";
  const { unread: found, items } = await answer.json();
  count(found);
  const told = Number(localStorage.getItem(TOLD) ?? items[0]?.at_ms ?? 0);
  localStorage.setItem(TOLD, String(Math.max(told, items[0]?.at_ms ?? 0)));
  for (const item of items.filter((one) => one.at_ms > told).reverse()) show(item);
}

function count(found) {
  unread = found;
  countInTitle();
  const badge = document.querySelector("#bell [data-unread]");
  if (!badge) return;
  badge.dataset.unread = unread;
  badge.hidden = unread === 0;
  badge.querySelector("span").textContent = unread;
}

// The parts of a page that change may bring another title.
function countInTitle() {
  const title = document.title.replace(/^\(\d+\) /, "");
  const counted = unread ? `(${unread}) ${title}` : title;
  if (document.title !== counted) document.title = counted;
}

function show({ tag, text, url }) {
  if (!document.hidden) return showInPage(text, url);
  if (globalThis.Notification?.permission !== "granted") return;
  try {
    const shown = new Notification(text, { tag });
    shown.onclick = () => {
      window.focus();
      location.assign(url);
    };
  } catch {
    // Some browsers on phones have the class but show nothing for a page.
  }
}

function showInPage(text, url) {
  const link = Object.assign(document.createElement("a"), { href: url, textContent: text });
  const words = document.createElement("p");
  const notice = Object.assign(document.createElement("div"), { className: "notice" });
  words.append(link);
  notice.append(words);
  document.getElementById("notice").append(notice);
}

function offerNotifications() {
  const permission = globalThis.Notification?.permission;
  for (const button of document.querySelectorAll("[data-ask-for-notifications]")) button.hidden = permission !== "default";
  for (const hint of document.querySelectorAll("[data-notifications-denied]")) hint.hidden = permission !== "denied";
}

document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-ask-for-notifications]")) return;
  await Notification.requestPermission();
  offerNotifications();
});
document.addEventListener("visibilitychange", start);
document.addEventListener("htmx:afterSettle", () => {
  offerNotifications();
  if (source && contact() !== shownContact) start();
});
document.body.addEventListener("markdone:notified", readNews);
document.body.addEventListener("markdone:read", readNews);
new MutationObserver(countInTitle).observe(document.querySelector("title"), { childList: true });
addEventListener("pagehide", stop);
addEventListener("pageshow", (event) => event.persisted && start());

count(Number(document.querySelector("#bell [data-unread]")?.dataset.unread ?? 0));
offerNotifications();
start();
