// The list: opens conversations beside it, stays up to date, goes on while one scrolls, and selects several.

import { notify } from "./page.js";
import { getPart, merge } from "./parts.js";
import { countPicks } from "./picks.js";
import "./waiting.js";

const inbox = document.getElementById("inbox");
const rows = document.getElementById("rows");
const REFRESH_PAUSE_MS = 300;

// ---- one conversation beside the list ----

export async function show(address, { isNew = true, focus = false } = {}) {
  const fresh = await getPart(address);
  if (!fresh) return;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  document.getElementById("panes").replaceWith(fresh);
  const panes = document.getElementById("panes");
  globalThis.htmx?.process(panes);
  inbox.classList.add("shows-conversation");
  if (isNew) history.pushState({}, "", address);
  tellShown(panes);
  if (focus) document.getElementById("timeline").focus({ preventScroll: true });
}

export function showList({ isNew = true } = {}) {
  inbox.classList.remove("shows-conversation", "shows-contact");
  const panes = document.getElementById("panes");
  panes.className = "panes empty-panes";
  panes.removeAttribute("data-live-contact");
  panes.replaceChildren();
  if (isNew) history.pushState({}, "", `/${inbox.dataset.state}`);
  tellShown(panes);
}

function tellShown(panes) {
  markCurrent();
  panes.dispatchEvent(new CustomEvent("markdone:shown", { bubbles: true }));
  panes.dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true })); // live.js listens to another contact now
  refresh();
}

function markCurrent() {
  const shown = document.querySelector("[data-live-contact]")?.dataset.liveContact;
  for (const row of rows.children) {
    const isShown = Boolean(shown) && row.dataset.contact === shown;
    row.classList.toggle("current", isShown);
    row.querySelector(".row-link")?.toggleAttribute("aria-current", isShown);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(".row-link, [data-back]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (link.matches("[data-back]")) {
    const shown = document.querySelector("[data-live-contact]")?.dataset.liveContact;
    showList();
    rows.querySelector(`[data-contact="${shown}"] .row-link`)?.focus();
  } else show(link.getAttribute("href"), { focus: event.detail === 0 }); // by keyboard
});

addEventListener("popstate", () => {
  const asked = new URLSearchParams(location.search);
  asked.delete("at");
  const state = asked.size ? `?${asked}` : "";
  if (state !== inbox.dataset.state) location.reload();
  else if (location.pathname === "/") showList({ isNew: false });
  else show(location.pathname + location.search, { isNew: false });
});

// ---- up to date ----

let timer = 0;

export function refresh() {
  timer ||= setTimeout(async () => {
    timer = 0;
    const shown = rows.querySelectorAll(".row-of").length;
    const fresh = await getPart(listAddress("length", shown));
    if (!fresh) return;
    merge(rows, fresh.querySelector("[data-rows]"));
    for (const { dataset, value } of fresh.querySelectorAll("[data-count-of]")) {
      for (const badge of document.querySelectorAll(`[data-count="${dataset.countOf}"]`)) {
        badge.textContent = value;
        badge.classList.toggle("new", "unread" in dataset);
        badge.title = dataset.unread ?? "";
      }
    }
    afterRows();
  }, REFRESH_PAUSE_MS);
}

const withState = (path, name, value) => {
  const state = inbox.dataset.state;
  return value === undefined ? path + state : `${path}${state}${state ? "&" : "?"}${name}=${encodeURIComponent(value)}`;
};
const listAddress = (name, value) => withState("/inbox/list", name, value);
export const addressOf = (contact, at) => withState(`/conversations/${contact}`, "at", at);

function afterRows() {
  markCurrent();
  countPicks();
  for (const more of rows.querySelectorAll(".more")) scrolledTo.observe(more);
}

document.body.addEventListener("markdone:changed", refresh);
document.addEventListener("markdone:done", (event) => {
  refresh();
  if (event.detail.said) notify(event.detail.said, "good");
});

// ---- more of it ----

const scrolledTo = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting) showMore(target);
}, { root: rows, rootMargin: "400px" });

async function showMore(more) {
  if (more.dataset.isAsked) return;
  more.dataset.isAsked = "1";
  const fresh = await getPart(listAddress("after", more.dataset.after));
  if (!fresh) return delete more.dataset.isAsked;
  if (!more.isConnected) return; // the whole list came anew meanwhile
  for (const item of fresh.querySelectorAll("[data-rows] > li")) {
    if (!item.id || !document.getElementById(item.id)) rows.append(item);
  }
  more.remove();
  afterRows();
}

document.addEventListener("markdone:picked", refresh);
rows.addEventListener("click", (event) => event.target.closest(".more") && showMore(event.target.closest(".more")));

afterRows();
