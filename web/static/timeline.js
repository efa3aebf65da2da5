// The timeline: starts at its end, loads older lines as one scrolls up and newer ones as they come, without a jump.

import { getPart, replacePart } from "./parts.js";
import { addressOf, show } from "./inbox.js";
import { group, hasGap, keepStill, lines, placeInView, putLines } from "./lines.js";
import { jump } from "./finding.js";
import { lastNumber, noteLast, tellIn } from "./seen.js";

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
  try {
    const fresh = await getPart(`/conversations/${asked}/news?looks=${document.hidden ? 0 : 1}`);
    if (fresh && asked === contact()) await put(fresh);
  } finally {
    isAsking = false;
  }
  if (isAskedAgain) {
    isAskedAgain = false;
    news();
  }
}

async function put(fresh) {
  const box = timeline();
  const wasAtEnd = isAtEnd(box) && !hasNewer();
  const list = fresh.querySelector("[data-lines]");
  const last = lastNumber();
  const isMerged = fresh.querySelector("[data-parts]").value !== document.getElementById("panes").dataset.liveParts;
  if (isMerged || (!hasNewer() && hasGap(list))) await reload(box, wasAtEnd);
  else if (!hasNewer()) keepStill(box, () => putLines(list));
  if (!box.isConnected) return;
  for (const part of fresh.querySelectorAll("[data-part]")) replacePart(part);
  noteLast();
  if (!isAskedAgain) tellIn(null);
  document.dispatchEvent(new CustomEvent("markdone:news"));
  if (wasAtEnd && !hasNewer()) box.scrollTop = box.scrollHeight;
  else if (lastNumber() > last || hasNewer()) document.getElementById("to-end").hidden = false;
  if (document.querySelector(".typing")) setTimeout(news, TYPING_MS);
}

// Lines that do not go on where those that are there end, or that stand among them since a merge: they come anew,
// around what is in view. Only they: what somebody writes beside them stays.
async function reload(box, isAtItsEnd) {
  const asked = contact();
  const fresh = (await getPart(addressOf(asked, isAtItsEnd ? undefined : placeInView(box))))?.getElementById("panes");
  if (!fresh || !box.isConnected || fresh.dataset.liveContact !== asked) return;
  keepStill(box, () => lines().replaceChildren(...fresh.querySelector("#lines").children));
  globalThis.htmx?.process(lines());
  document.getElementById("panes").dataset.liveParts = fresh.dataset.liveParts;
  watchEnds();
  lines().dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true })); // live.js listens to other parts now
}

const hidePill = () => (document.getElementById("to-end").hidden = true);
document.body.addEventListener("markdone:changed", (event) => event.detail?.contact !== false && news());
document.addEventListener("markdone:done", () => {
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  news();
});
// What was refused was refused because something changed.
document.addEventListener("htmx:responseError", (event) => {
  tellIn(event.target.closest("dialog[open]"));
  news();
});
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
