// Opens conversations beside the list, and keeps the list up to date.

import { notify } from "./page.js";
import { getPart } from "./parts.js";
import { markCurrent, refresh, withState } from "./rows.js";
import "./waiting.js";

const inbox = document.getElementById("inbox");
const rows = document.getElementById("rows");

export const addressOf = (contact, at) => withState(`/conversations/${contact}`, { at });

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
  panes.removeAttribute("data-live-parts");
  panes.replaceChildren();
  if (isNew) history.pushState({}, "", `/${inbox.dataset.state}`);
  tellShown(panes);
}

function tellShown(panes) {
  markCurrent();
  nameTab();
  panes.dispatchEvent(new CustomEvent("markdone:shown", { bubbles: true }));
  panes.dispatchEvent(new CustomEvent("htmx:afterSettle", { bubbles: true })); // live.js listens to another contact now
  refresh();
}

// The title of the tab says whom one looks at; notices.js puts their number before it.
function nameTab() {
  const name = document.getElementById("conversation-title")?.textContent;
  const title = name ? `${name} · ${inbox.dataset.title}` : inbox.dataset.title;
  if (document.title.replace(/^\(\d+\) /, "") !== title) document.title = title;
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

document.addEventListener("markdone:news", nameTab);
document.body.addEventListener("markdone:changed", () => refresh());
document.addEventListener("markdone:picked", () => refresh({ isWhole: true }));
document.addEventListener("markdone:done", (event) => {
  refresh({ isWhole: true });
  if (event.detail.said) notify(event.detail.said, "good");
});
