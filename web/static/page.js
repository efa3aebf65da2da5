// What every page does: menus close when one looks elsewhere, notices go away, dialogs open.

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("[data-closes]")) menu.open = false;
  }
  const opener = event.target.closest("[data-dialog]");
  if (opener) openDialog(opener.dataset.dialog);
  if (event.target.closest("[data-dismiss]")) event.target.closest(".notice, dialog")?.[event.target.closest("dialog") ? "close" : "remove"]();
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...menu.querySelectorAll(".menu-items :is(a, button, input)")].filter((item) => item.offsetParent && !item.disabled);
    const at = items.indexOf(document.activeElement);
    items.at((at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length)?.focus();
    event.preventDefault();
  }
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

const notices = document.getElementById("notice");

export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  // Everything outside is out of reach while a dialog is open: what goes wrong in it is said in it.
  dialog.append(notices);
  dialog.addEventListener("close", () => document.body.append(notices), { once: true });
}

// On a phone the navigation of Settings is wider than the screen.
document.querySelector(".page-nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A notice goes when it has been read; what went wrong stays until the next one or the cross.
export function notify(words, category = "") {
  const notice = document.createElement("div");
  const text = document.createElement("p");
  notice.className = `notice ${category}`;
  text.textContent = words;
  notice.append(text);
  notices.replaceChildren(notice);
}

function cross() {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small", textContent: "Dismiss" });
  button.dataset.dismiss = "";
  return button;
}

new MutationObserver((changes) => {
  for (const added of changes.flatMap((change) => [...change.addedNodes])) {
    if (!added.classList?.contains("notice")) continue;
    if (!added.matches(".bad, .warning")) setTimeout(() => added.remove(), 6000);
    else if (!added.querySelector("[data-dismiss]")) added.append(cross());
  }
}).observe(notices, { childList: true });

document.addEventListener("htmx:sendError", () => notify("The platform cannot be reached. Look whether it was done; if not, try again in a moment.", "bad"));
