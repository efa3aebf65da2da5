// What a user is told, wherever they are: on the bell, in the title of the tab, and as it comes.

import { fetchQuietly } from "./quietly.js";

const TOLD = `markdone.told.${document.body.dataset.user}`; // when the newest notice came that was shown; of all tabs
const MOST_AT_ONCE = 3;
let newsTag = "";
let unread = 0;

export async function readNews() {
  const answer = await fetchQuietly("/notifications/news", newsTag);
  if (answer?.status !== 200) return;
  newsTag = answer.headers.get("ETag") ?? "";
  const { unread: found, items } = await answer.json();
  const before = unread;
  count(found);
  const told = Number(localStorage.getItem(TOLD) ?? items[0]?.at_ms ?? 0);
  localStorage.setItem(TOLD, String(Math.max(told, items[0]?.at_ms ?? 0)));
  const fresh = items.filter((one) => one.at_ms > told && !isLookedAt(one));
  for (const item of fresh.slice(0, MOST_AT_ONCE).reverse()) show(item);
  // The answer has the newest only; there may be more than it has.
  const more = (fresh.length < items.length ? fresh.length : Math.max(fresh.length, found - before)) - MOST_AT_ONCE;
  if (more > 0) show({ tag: "more", text: `and ${more} more`, url: "/notifications" });
}

// Of the conversation that is looked at nothing need be told: it stands there.
function isLookedAt({ url }) {
  const shown = document.querySelector("[data-live-contact]")?.dataset.liveContact;
  return Boolean(shown) && !document.hidden && new URL(url, location).pathname === `/conversations/${shown}`;
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
document.addEventListener("htmx:afterSettle", offerNotifications);
document.body.addEventListener("markdone:notified", readNews);
document.body.addEventListener("markdone:read", readNews);
new MutationObserver(countInTitle).observe(document.querySelector("title"), { childList: true });

const unreadAtFirst = Number(document.querySelector("#bell [data-unread]")?.dataset.unread ?? 0);
// Whatever comes to somebody who had nothing is new, even if it comes before this page asks for the first time.
if (!unreadAtFirst && !localStorage.getItem(TOLD)) localStorage.setItem(TOLD, "0");
count(unreadAtFirst);
offerNotifications();
