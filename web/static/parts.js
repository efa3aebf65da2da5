// Fetches parts of a page and puts them into it. Only what changed is replaced, so that nothing jumps, what is focused
// stays focused, and what is open or half typed stays as it is.

// Returns what the server sent as a fragment; null when it could not, which the notice then says.
export async function getPart(address) {
  let answer;
  try {
    answer = await fetch(address, { headers: { "HX-Request": "true", "HX-Current-URL": location.href }, cache: "no-store" });
  } catch {
    return null; // the next change, or the next time the page is looked at, tries again
  }
  const redirect = answer.headers.get("HX-Redirect");
  if (redirect) location.assign(redirect);
  const part = parse(await answer.text());
  if (answer.ok) return part;
  if (!redirect) document.getElementById("notice").replaceChildren(part);
  return null;
}

// Makes elements of what the server sent, and escaped.
export function parse(text) {
  const parsed = document.createElement("template");
  parsed.innerHTML = text;
  return parsed.content;
}

// Makes the items of `list`, from `start` on, those of `fresh`, in its order. Items are known by their id and are the
// same while their data-v is; those without an id come from the server each time. From `end` on, what `fresh` does not
// have stays.
export function merge(list, fresh, { start = list.firstElementChild, end = null } = {}) {
  const focus = whatIsFocused();
  const old = new Map();
  const stays = new Set();
  for (let item = start, next; item; item = next) {
    next = item.nextElementSibling;
    if (item === end || stays.size) stays.add(item);
    if (item.id) old.set(item.id, item);
    else if (!stays.has(item)) {
      if (item === start) start = next;
      item.remove();
    }
  }
  let at = start;
  for (const item of [...fresh.children]) {
    const there = old.get(item.id);
    old.delete(item.id);
    let shown = there ?? item;
    if (there && there.dataset.v !== item.dataset.v) {
      keepTicks(there, item);
      if (at === there) at = item;
      there.replaceWith(item);
      shown = item;
    }
    if (shown === at) at = at.nextElementSibling;
    else list.insertBefore(shown, at);
    if (shown === item) globalThis.htmx?.process(item);
  }
  for (const gone of old.values()) if (!stays.has(gone)) gone.remove();
  focusAgain(focus);
}

// Replaces a part that is known by its id, unless it is the same or somebody is at work in it.
export function replacePart(fresh) {
  const there = document.getElementById(fresh.id);
  if (!there || there.dataset.v === fresh.dataset.v || isInUse(there)) return;
  const focus = there.contains(document.activeElement) ? whatIsFocused() : null;
  there.replaceWith(fresh);
  globalThis.htmx?.process(fresh);
  if (focus) focusAgain(focus, "#timeline");
}

function isInUse(part) {
  if (part.querySelector("[data-dirty], details[open], dialog[open]")) return true;
  const focused = document.activeElement;
  return part.contains(focused) && focused.matches("input, select, textarea") && focused.value !== focused.defaultValue;
}

// What is ticked still says what the user had seen when they ticked it (picks.js); its data-fresh is for the next tick.
function keepTicks(there, item) {
  const [before, now] = [there, item].map((one) => one.querySelector("input[type=checkbox]"));
  if (before?.checked && now && before.value.split(".")[0] === now.value.split(".")[0]) {
    now.checked = true;
    now.dataset.fresh = now.value;
    now.value = before.value;
  }
  if (there.classList.contains("current")) item.classList.add("current");
}

function whatIsFocused() {
  const focused = document.activeElement;
  if (!focused || focused === document.body) return null;
  const item = focused.closest("[id]");
  const inside = focused === item ? "" : focused.dataset.key ? `[data-key="${focused.dataset.key}"]` : focused.name ? `[name="${CSS.escape(focused.name)}"]` : focused.tagName;
  return { focused, id: item?.id, inside };
}

function focusAgain(focus, otherwise) {
  if (!focus || focus.focused === document.activeElement) return;
  const item = focus.id && document.getElementById(focus.id);
  const again = focus.focused.isConnected ? focus.focused : item && (focus.inside ? item.querySelector(focus.inside) : item);
  (again || (otherwise && document.querySelector(otherwise)))?.focus({ preventScroll: true });
}
