// Finds in the timeline, and goes to one of its lines; shows and hides what is known about the contact.

import { addressOf, show } from "./inbox.js";

const FOUND_MS = 2_500;
const inbox = document.getElementById("inbox");

export function jump(number) {
  const line = document.getElementById(`e-${number}`);
  if (!line) return show(addressOf(document.getElementById("conversation").dataset.contact, number));
  line.scrollIntoView({ block: "center" });
  line.classList.add("found-line");
  setTimeout(() => line.classList.remove("found-line"), FOUND_MS);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-jump]");
  if (link) {
    event.preventDefault();
    inbox.classList.remove("shows-contact");
    jump(link.dataset.jump);
  } else if (event.target.closest("[data-find], [data-find-close]")) {
    inbox.classList.remove("shows-contact");
    const find = document.getElementById("find");
    find.hidden = !find.hidden;
    (find.hidden ? document.getElementById("timeline") : find.querySelector("input")).focus();
  } else if (event.target.closest("[data-contact-toggle]")) {
    inbox.classList.toggle("shows-contact");
  }
});
