// The rows of the list: up to date, and more of them while one scrolls.

import { getPart, merge } from "./parts.js";
import { countPicks } from "./picks.js";

const REFRESH_PAUSE_MS = 300;
const MOST_ROWS = 200; // in one answer
const WHOLE_EVERY_MS = 30_000; // longer lists are fetched whole so often, and after what the user did

const inbox = document.getElementById("inbox");
const rows = document.getElementById("rows");

// An address with the state of the list, and with `words` that are not undefined.
export function withState(path, words) {
  const said = Object.entries(words).filter(([, value]) => value !== undefined);
  const asked = [inbox.dataset.state.slice(1), new URLSearchParams(said).toString()].filter(Boolean).join("&");
  return asked ? `${path}?${asked}` : path;
}

export function markCurrent() {
  const shown = document.querySelector("[data-live-contact]")?.dataset.liveContact;
  for (const row of rows.children) {
    const isShown = Boolean(shown) && row.dataset.contact === shown;
    row.classList.toggle("current", isShown);
    row.querySelector(".row-link")?.toggleAttribute("aria-current", isShown);
  }
}

// ---- up to date ----

let timer = 0;
let isWholeWanted = false;
let wholeAt = 0;

export function refresh({ isWhole = false } = {}) {
  isWholeWanted ||= isWhole;
  timer ||= setTimeout(async () => {
    const isWholeNow = isWholeWanted || performance.now() - wholeAt > WHOLE_EVERY_MS;
    timer = 0;
    isWholeWanted = false;
    const shown = rows.querySelectorAll(".row-of").length;
    const fresh = await fetchRows(isWholeNow ? shown : Math.min(shown, MOST_ROWS));
    if (!fresh) return;
    // Scrolling brought more meanwhile, which this answer would take away again.
    if (rows.querySelectorAll(".row-of").length > shown) return refresh({ isWhole: isWholeNow });
    if (isWholeNow) wholeAt = performance.now();
    const list = fresh.querySelector("[data-rows]");
    const behind = isWholeNow || shown <= MOST_ROWS ? null : firstBehind(fresh);
    if (behind) list.querySelector(".more")?.remove();
    merge(rows, list, { end: behind });
    showCounts(fresh);
    afterRows();
  }, REFRESH_PAUSE_MS);
}

async function fetchRows(length) {
  const fresh = await getPart(withState("/inbox/list", { length }));
  if (!fresh) return null;
  const list = fresh.querySelector("[data-rows]");
  const missing = () => length - list.querySelectorAll(".row-of").length;
  // As many answers as whole ones would take: where a filter makes them short, scrolling brings the rest.
  for (let more, left = Math.ceil(length / MOST_ROWS); --left > 0 && missing() > 0 && (more = list.querySelector(".more")); ) {
    const next = await getPart(withState("/inbox/list", { after: more.dataset.after, length: missing() }));
    if (!next) return null;
    more.replaceWith(...[...next.querySelector("[data-rows]").children].filter((row) => !row.id || !fresh.getElementById(row.id)));
  }
  return fresh;
}

// The answer covers the first rows only. It ends with the last of those that it still has: what stands behind, or was
// pushed there, stays; null where the answer is the end of the list.
function firstBehind(fresh) {
  if (!fresh.querySelector(".more")) return null;
  const covered = [...rows.querySelectorAll(".row-of")].slice(0, MOST_ROWS);
  return (covered.findLast((row) => fresh.getElementById(row.id)) ?? covered.at(-1)).nextElementSibling;
}

function showCounts(fresh) {
  for (const { dataset, value } of fresh.querySelectorAll("[data-count-of]")) {
    for (const badge of document.querySelectorAll(`[data-count="${dataset.countOf}"]`)) {
      badge.textContent = value;
      badge.classList.toggle("new", "unread" in dataset);
      badge.title = dataset.unread ?? "";
    }
  }
}

function afterRows() {
  markCurrent();
  countPicks();
  for (const more of rows.querySelectorAll(".more")) scrolledTo.observe(more);
}

// ---- more of it ----

const scrolledTo = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting) showMore(target);
}, { root: rows, rootMargin: "400px" });

async function showMore(more) {
  if (more.dataset.isAsked) return;
  more.dataset.isAsked = "1";
  const fresh = await getPart(withState("/inbox/list", { after: more.dataset.after }));
  if (!fresh) return delete more.dataset.isAsked;
  if (!more.isConnected) return; // the whole list came anew meanwhile
  for (const item of fresh.querySelectorAll("[data-rows] > li")) {
    if (!item.id || !document.getElementById(item.id)) rows.append(item);
  }
  more.remove();
  afterRows();
}

rows.addEventListener("click", (event) => event.target.closest(".more") && showMore(event.target.closest(".more")));

afterRows();
