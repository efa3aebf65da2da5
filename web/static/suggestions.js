// What the composer offers while one writes: canned replies behind a / at the start, colleagues behind an @ in a comment.

const MOST = 8;
let known = null; // what the server said for this contact
let knownFor = "";
let shown = [];
let at = 0;
let start = 0; // where what is replaced begins

const text = () => document.getElementById("text");
const list = () => document.getElementById("suggestions");

document.addEventListener("input", async (event) => {
  if (event.target !== text()) return;
  const wanted = whatIsWanted();
  if (!wanted) return hide();
  const offered = (await load())?.[wanted.kind] ?? [];
  if (!text() || whatIsWanted()?.typed !== wanted.typed) return;
  start = wanted.start;
  const typed = wanted.typed.toLowerCase();
  const begins = ({ name }) => name.toLowerCase().startsWith(typed);
  const searched = ({ name, text: words }) => (wanted.kind === "canned" ? `${name} ${words}` : name).toLowerCase();
  const holds = (one) => !begins(one) && searched(one).includes(typed);
  show([...offered.filter(begins), ...offered.filter(holds)].slice(0, MOST), nothingFor(wanted, offered));
});

document.addEventListener("keydown", (event) => {
  if (event.target !== text() || list().hidden) return;
  if (!shown.length && event.key !== "Escape") return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") select(at + (event.key === "ArrowDown" ? 1 : -1));
  else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") choose(shown[at]);
  else if (event.key === "Escape") hide();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("pointerdown", (event) => {
  const option = event.target.closest?.("#suggestions [role=option]");
  if (!option) return;
  event.preventDefault(); // the focus stays in the text
  if (shown.length) choose(shown[[...list().children].indexOf(option)]);
});

document.addEventListener("focusout", (event) => event.target === text() && hide());
// Another name, another assignee: what was offered may say something else now.
document.addEventListener("markdone:news", () => (knownFor = ""));

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-canned]")) return;
  text().focus();
  text().setRangeText("/", 0, text().value.startsWith("/") ? 1 : 0, "end");
  text().setSelectionRange(1, 1);
  text().dispatchEvent(new Event("input", { bubbles: true }));
});

function whatIsWanted() {
  const before = text().value.slice(0, text().selectionStart);
  const isComment = document.getElementById("composer").elements.kind.value === "comment";
  const typed = before.match(isComment ? /(?:^|\s)@([^@\n]{0,40})$/ : /^\/([^/\n]{0,60})$/);
  return typed && { kind: isComment ? "people" : "canned", typed: typed[1], start: before.length - typed[1].length - 1 };
}

async function load() {
  const contact = document.getElementById("composer").dataset.contact;
  if (knownFor === contact) return known;
  try {
    const answer = await fetch(`/conversations/${contact}/suggestions`, { headers: { "HX-Request": "true" }, cache: "no-store" });
    if (!answer.ok) return null;
    known = await answer.json();
    knownFor = contact;
  } catch {
    return null;
  }
  return known;
}

// What to say when nothing matches; nothing once a name is over, since what follows is the comment.
function nothingFor({ kind, typed }, offered) {
  if (kind === "people") return /\s/.test(typed) ? "" : "No colleague is called that.";
  return offered.length ? "No canned reply has that in it." : "There are no canned replies yet.";
}

function show(found, nothing) {
  shown = found;
  if (!found.length && !nothing) return hide();
  if (!found.length) return say(nothing);
  list().replaceChildren(...found.map(({ name, text: words }, i) => {
    const option = Object.assign(document.createElement("li"), { id: `suggestion-${i}` });
    option.setAttribute("role", "option");
    const title = Object.assign(document.createElement("strong"), { textContent: name });
    const rest = Object.assign(document.createElement("span"), { textContent: words.startsWith("@") ? "" : words, className: "muted" });
    option.append(title, rest);
    return option;
  }));
  list().hidden = false;
  select(0);
}

function say(words) {
  const line = Object.assign(document.createElement("li"), { textContent: words, className: "muted small" });
  line.setAttribute("role", "option"); // a list of options has nothing else in it
  line.setAttribute("aria-disabled", "true");
  list().replaceChildren(line);
  list().hidden = false;
  text().removeAttribute("aria-activedescendant");
}

function select(i) {
  at = (i + shown.length) % shown.length;
  [...list().children].forEach((option, n) => option.setAttribute("aria-selected", String(n === at)));
  text().setAttribute("aria-activedescendant", `suggestion-${at}`);
  list().children[at].scrollIntoView({ block: "nearest" });
}

function choose(one) {
  const end = text().selectionStart;
  text().setRangeText(one.text + (one.text.startsWith("@") ? " " : ""), start, end, "end");
  hide();
  text().dispatchEvent(new Event("input", { bubbles: true }));
  text().focus();
}

function hide() {
  if (!list() || list().hidden) return;
  list().hidden = true;
  text().removeAttribute("aria-activedescendant");
}
