// The timeline: starts at its end, loads older lines as one scrolls up and newer ones as they come, without a jump;
// searches; and knows the last entry that the user has seen, which a close carries.

import { getPart, merge, replacePart } from "./parts.js";
import { addressOf, show } from "./inbox.js";
import { group, isBefore, keepStill, lines, ownNumbers } from "./lines.js";
import { jump } from "./finding.js";

const AT_END_PX = 80;
const TYPING_MS = 7_000;

const timeline = () => document.getElementById("timeline");
const contact = () => document.getElementById("conversation")?.dataset.contact;
const hasNewer = () => Boolean(lines().querySelector("[data-newer]"));
const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < AT_END_PX;

function begin() {
  const box = timeline();
  if (!box) return;
  const at = box.dataset.at;
  if (document.getElementById(`e-${at}`)) jump(at);
  else box.scrollTop = box.scrollHeight;
  ends?.disconnect();
  ends = new IntersectionObserver((seen) => {
    for (const { isIntersecting, target } of seen) if (isIntersecting) load(target);
  }, { root: box, rootMargin: "300px" });
  box.addEventListener("scroll", () => isAtEnd(box) && !hasNewer() && hidePill(), { passive: true });
  document.getElementById("to-end").hidden = !hasNewer();
  watchEnds();
  noteLast();
}

// ---- older and newer ----

let ends = null;

function watchEnds() {
  for (const end of lines().querySelectorAll(".ends")) ends.observe(end);
}

async function load(end) {
  if (end.dataset.isAsked || !end.isConnected) return;
  end.dataset.isAsked = "1";
  const isUp = "older" in end.dataset;
  const fresh = await getPart(`/conversations/${contact()}/lines?${isUp ? `before=${end.dataset.older}` : `from=${end.dataset.newer}`}`);
  if (!fresh) return delete end.dataset.isAsked;
  if (!end.isConnected) return;
  keepStill(timeline(), () => {
    for (const item of [...fresh.querySelector("ol").children]) {
      // A day stands above its first line only: the one that came earlier is the second of two.
      const same = item.id && document.getElementById(item.id);
      if (same && isUp) same.remove();
      if (same && !isUp) continue;
      lines().insertBefore(item, end);
      globalThis.htmx?.process(item);
    }
    end.remove();
    group();
  });
  watchEnds();
  noteLast();
}

// ---- news ----

let isAsking = false;
let isAskedAgain = false;

export async function news() {
  if (!contact()) return;
  if (isAsking) return void (isAskedAgain = true);
  isAsking = true;
  const asked = contact();
  const fresh = await getPart(`/conversations/${asked}/news?looks=${document.hidden ? 0 : 1}`);
  isAsking = false;
  if (fresh && asked === contact()) put(fresh);
  if (isAskedAgain) {
    isAskedAgain = false;
    news();
  }
}

function put(fresh) {
  const box = timeline();
  const wasAtEnd = isAtEnd(box);
  const list = fresh.querySelector("[data-lines]");
  const last = lastNumber();
  if (!hasNewer()) keepStill(box, () => putLines(list));
  for (const part of fresh.querySelectorAll("[data-part]")) replacePart(part);
  noteLast();
  document.dispatchEvent(new CustomEvent("markdone:news"));
  if (wasAtEnd && !hasNewer()) box.scrollTop = box.scrollHeight;
  else if (lastNumber() > last) document.getElementById("to-end").hidden = false;
  if (document.querySelector(".typing")) setTimeout(news, TYPING_MS);
}

// The newest lines come whole; they meet those that are there at the first that both have.
function putLines(list) {
  const first = [...list.querySelectorAll("[id^=e-]")].map((line) => document.getElementById(line.id)).find(Boolean);
  if (first) {
    while (list.firstElementChild.id !== first.id) list.firstElementChild.remove();
    for (const day of list.querySelectorAll(".day")) if (isBefore(document.getElementById(day.id), first)) day.remove();
  }
  merge(lines(), list, first ?? lines().firstElementChild);
  group();
}

const lastNumber = () => Math.max(-1, ...ownNumbers());

function noteLast() {
  const last = lastNumber();
  for (const input of document.querySelectorAll("[data-last-entry]")) input.value = last < 0 ? "" : last;
  const number = document.getElementById("composer-state")?.dataset.number;
  for (const input of document.querySelectorAll("[data-open-number]")) input.value = number;
}

const hidePill = () => (document.getElementById("to-end").hidden = true);
document.body.addEventListener("markdone:changed", (event) => event.detail?.contact !== false && news());
document.addEventListener("markdone:done", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  news();
});
// What was refused was refused because something changed.
document.addEventListener("htmx:responseError", news);
document.addEventListener("visibilitychange", () => document.hidden || news());
document.addEventListener("markdone:shown", begin);

document.addEventListener("click", (event) => {
  const end = event.target.closest(".ends");
  if (end) load(end);
  if (!event.target.closest("#to-end")) return;
  hidePill();
  if (hasNewer()) show(addressOf(contact()));
  else timeline().scrollTop = timeline().scrollHeight;
});

begin();
