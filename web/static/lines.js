// The lines of the timeline: which stand together, and how they change without a jump.

import { merge } from "./parts.js";

const TOGETHER_MS = 5 * 60_000;

export const lines = () => document.getElementById("lines");
const isBefore = (one, other) => one && one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING;

// Of the contact's own timeline: what was merged into it has other numbers.
export const ownNumbers = () => all().map((line) => Number(line.id.slice(2))).filter(Number.isInteger);

const all = () => [...lines().querySelectorAll("[id^=e-]")];
const inView = (box) => {
  const edge = box.getBoundingClientRect().top;
  const seen = all().filter((line) => line.getBoundingClientRect().bottom > edge);
  return seen[1] ?? seen[0]; // not the first: that one may lose the name above it
};

// The place of what is in view, for an address.
export const placeInView = (box) => inView(box)?.id.slice(2);

// Whether `list`, the newest lines, begins behind those that are there, with others between them.
export function hasGap(list) {
  const newest = [...list.querySelectorAll("[id^=e-]")];
  return newest.length > 0 && all().length > 0 && !newest.some((line) => document.getElementById(line.id));
}

// The newest lines come whole; they meet those that are there at the first that both have.
export function putLines(list) {
  const first = [...list.querySelectorAll("[id^=e-]")].map((line) => document.getElementById(line.id)).find(Boolean);
  if (first) {
    while (list.firstElementChild.id !== first.id) list.firstElementChild.remove();
    for (const day of list.querySelectorAll(".day")) if (isBefore(document.getElementById(day.id), first)) day.remove();
  }
  merge(lines(), list, { start: first ?? lines().firstElementChild });
  group();
}

// Changes lines so that those in view stay where they are.
export function keepStill(box, change) {
  const id = inView(box)?.id;
  const before = id && document.getElementById(id).getBoundingClientRect().top;
  change();
  const still = id && document.getElementById(id);
  if (still) box.scrollTop += still.getBoundingClientRect().top - before;
}

// Messages of one sender stand together, wherever a stretch of lines began.
export function group() {
  for (const line of lines().querySelectorAll("[data-group]")) {
    const above = line.previousElementSibling;
    const isSame = above?.dataset.group === line.dataset.group && line.dataset.at - above.dataset.at < TOGETHER_MS;
    line.classList.toggle("follows", isSame);
  }
}
