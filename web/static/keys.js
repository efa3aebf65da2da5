// The keyboard: every key of the list in the dialog #keys. None of them works while one types.

import { openDialog } from "./page.js";
import { write } from "./composer.js";

const links = () => [...document.querySelectorAll("#rows .row-link")].filter((link) => link.offsetParent);
const isTyping = (target) => target.matches("input:not([type=checkbox], [type=radio]), textarea, select") || target.isContentEditable;

const DO = {
  j: () => move(1),
  k: () => move(-1),
  x: pick,
  r: () => write("reply"),
  c: () => write("comment"),
  a: assign,
  m: () => press("m"),
  e: () => press("e"),
  o: () => press("o"),
  f: () => press("f"),
  "/": () => document.getElementById("search").focus(),
  "?": () => openDialog("keys"),
};

document.addEventListener("keydown", (event) => {
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") return leave(target);
  if (document.querySelector("dialog[open]") || isTyping(target)) return;
  if (target.closest("#rows") && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    return move(event.key === "ArrowDown" ? 1 : -1);
  }
  if (target.closest("details.menu[open]")) return;
  const action = DO[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

function move(step) {
  const all = links();
  const from = all.findIndex((link) => link === document.activeElement || link.parentElement.contains(document.activeElement));
  const current = from >= 0 ? from : all.findIndex((link) => link.closest(".current"));
  const next = all[Math.min(Math.max(current + step, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function pick() {
  const row = document.activeElement.closest?.("#rows > li") ?? document.querySelector("#rows .current");
  const box = row?.querySelector("input[type=checkbox]");
  if (!box) return;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function assign() {
  const menu = document.getElementById("assign-menu");
  if (!menu) return;
  menu.open = true;
  menu.querySelector("summary").focus();
}

function press(key) {
  [...document.querySelectorAll(`[data-key="${key}"]`)].find((button) => button.offsetParent)?.click();
}

// From what one types in, back to the timeline; from there to the list.
function leave(target) {
  if (document.querySelector("dialog[open]") || target.closest("details.menu[open]")) return;
  const find = document.getElementById("find");
  if (target.closest("#find")) {
    find.hidden = true;
    return document.getElementById("timeline").focus();
  }
  if (target.closest("#composer")) return document.getElementById("timeline").focus();
  (document.querySelector("#rows .current .row-link") ?? links()[0])?.focus();
}

// A menu with a search box: its buttons are those that hold what is typed, and Enter takes the first.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-filters-menu]")) return;
  const typed = event.target.value.toLowerCase();
  for (const button of event.target.closest(".menu-items").querySelectorAll("button")) button.hidden = !button.textContent.toLowerCase().includes(typed);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-filters-menu]")) return;
  event.preventDefault();
  event.target.closest(".menu-items").querySelector("button:not([hidden])")?.click();
});

document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("[data-filters-menu]")?.focus());
