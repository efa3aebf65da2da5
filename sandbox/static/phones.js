// The phones: shows what the sandbox knows, every 600 ms while the page is visible, and writes as the contacts.
// Texts of contacts are hostile: they reach the page through textContent only.
"use strict";

const POLL_MS = 600;
const STATUS = { sent: "sending", delivered: "delivered", read: "read", refused: "not delivered" };
const trouble = document.getElementById("trouble");
const desks = [...document.querySelectorAll(".desk")];

async function call(method, path, body) {
  const options = { method, headers: {} };
  if (method === "POST") {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body ?? {});
  }
  const reply = await fetch(path, options);
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.error?.message ?? `the sandbox answered ${reply.status}`);
  return answer;
}

function show(message) {
  trouble.textContent = message;
  trouble.hidden = !message;
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

const clock = (ms) => new Date(ms).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

// Addresses come from the sandbox, which lets through those of files on this machine alone.
function attached(file) {
  if (!file.url) return element("span", `${file.name} (not on this machine)`, "bubble file");
  const link = element("a", "", "bubble");
  link.href = file.url;
  link.target = "_blank";
  link.rel = "noreferrer noopener";
  if (file.kind === "image") {
    const image = element("img", "");
    image.src = file.url;
    image.alt = file.name;
    link.classList.add("picture");
    link.append(image);
  } else {
    link.classList.add("file");
    link.textContent = file.name;
  }
  return link;
}

function bubble(desk, message, isLast) {
  const line = element("li", "", `${message.direction} ${message.status}`);
  if (message.file) line.append(attached(message.file));
  if (message.text) line.append(element("span", message.text, "bubble"));
  if (message.direction === "incoming" && (isLast || message.status === "refused")) {
    line.append(element("small", STATUS[message.status] ?? message.status));
  }
  if (isLast && message.quick_replies.length) {
    const choices = element("span", "", "choices");
    for (const [title, payload] of message.quick_replies) {
      const choice = element("button", title);
      choice.type = "button";
      choice.addEventListener("click", () => write(desk, title, payload));
      choices.append(choice);
    }
    line.append(choices);
  }
  return line;
}

function sentence(said) {
  const line = element("li", said.text, said.tone);
  const time = element("time", clock(said.at_ms));
  time.dateTime = new Date(said.at_ms).toISOString();
  line.append(time);
  return line;
}

// Only lines that changed are touched, so that focus, selection and screen readers are left in peace.
function fill(list, items, make) {
  const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  const keys = items.map((item, index) => JSON.stringify([item, index === items.length - 1]));
  let index = 0;
  let hasChanged = false;
  for (; index < items.length; index += 1) {
    const present = list.children[index];
    if (present?.dataset.key === keys[index]) continue;
    const line = make(items[index], index === items.length - 1);
    line.dataset.key = keys[index];
    hasChanged = true;
    if (!present) {
      list.append(line);
    } else {
      line.style.animation = "none";
      present.replaceWith(line);
    }
  }
  while (list.children.length > items.length) list.lastElementChild.remove();
  if (!hasChanged || !isAtEnd) return;
  list.scrollTop = list.scrollHeight;
  // A picture has no height before it is there.
  for (const image of list.querySelectorAll("img")) {
    if (!image.complete) image.addEventListener("load", () => (list.scrollTop = list.scrollHeight), { once: true });
  }
}

function draw(desk, phone) {
  desk.classList.toggle("started", phone.is_started);
  fill(desk.querySelector(".messages"), phone.messages, (message, isLast) => bubble(desk, message, isLast));
  const typing = phone.is_typing ? `${desk.dataset.business} is typing` : "";
  const shown = desk.querySelector(".typing");
  if (shown.textContent !== typing) shown.textContent = typing;
  fill(desk.querySelector(".strip ol"), phone.strip, sentence);
  desk.querySelector(".nothing").hidden = phone.strip.length > 0;
  desk.querySelector(".repeat").disabled = !phone.can_repeat;
}

async function refresh() {
  try {
    const state = await call("GET", "/sandbox/state");
    for (const phone of state.phones) draw(desks.find((desk) => desk.dataset.channel === phone.channel), phone);
    show(state.trouble);
  } catch {
    show("The sandbox does not answer any more. Start it with `make run`, then this page goes on by itself.");
  }
}

const path = (desk, what) =>
  `/sandbox/contacts/${desk.dataset.channel}/${encodeURIComponent(desk.dataset.contact)}/${what}`;

async function act(desk, what, body) {
  try {
    const answer = await call("POST", path(desk, what), body);
    await refresh();
    return answer;
  } catch (error) {
    desk.querySelector(".outcome").textContent = error.message;
    return null;
  }
}

function write(desk, text, quickReply) {
  return act(desk, "messages", { text, quick_reply: quickReply ?? "" });
}

for (const desk of desks) {
  const input = desk.querySelector(".composer input");
  desk.querySelector(".composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    write(desk, text);
  });
  desk.querySelector(".start").addEventListener("click", () => {
    desk.classList.add("started"); // at once: who opens the door may type before the sandbox has answered
    input.focus();
    act(desk, "start");
  });
  for (const suggestion of desk.querySelectorAll(".suggestions button")) {
    suggestion.addEventListener("click", () => write(desk, suggestion.textContent));
  }
  const attach = desk.querySelector(".attach");
  for (const sample of attach.querySelectorAll("button")) {
    sample.addEventListener("click", () => {
      attach.open = false;
      attach.querySelector("summary").focus();
      act(desk, "messages", { sample: sample.value });
    });
  }
  attach.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !attach.open) return;
    attach.open = false;
    attach.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!attach.contains(event.target)) attach.open = false;
  });
  for (const what of ["repeat", "close"]) {
    desk.querySelector(`.${what}`).addEventListener("click", async () => {
      const answer = await act(desk, what);
      if (answer) desk.querySelector(".outcome").textContent = answer.outcome;
    });
  }
}

async function live() {
  if (document.visibilityState === "visible") await refresh();
  setTimeout(live, POLL_MS);
}

live();
