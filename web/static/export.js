// Downloads that show how far they are and can be cancelled. Without this they are plain links.

const LINE_END = [13, 10]; // within a cell a line ends by the second alone

for (const part of document.querySelectorAll("[data-download]")) {
  const link = part.querySelector("a");
  const state = part.querySelector(".download-state");
  const bar = state.querySelector("progress");
  const said = state.querySelector("[data-said]");
  const cancel = state.querySelector("[data-cancel]");
  const status = part.querySelector("[role=status]");
  let stop;

  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    if (!stop) fetchFile();
  });
  cancel.addEventListener("click", () => stop?.abort());

  async function fetchFile() {
    stop = new AbortController();
    state.hidden = false;
    cancel.hidden = bar.hidden = false;
    status.textContent = "The download began.";
    say(0);
    try {
      const response = await fetch(link.href, { signal: stop.signal });
      if (response.redirected || !response.headers.get("Content-Type")?.startsWith("text/csv")) {
        if (response.status === 503) end("Other files are being made, or the database is away. Try again in a moment.");
        else location.assign(link.href); // the log-in, or a page that says what is wrong
        return;
      }
      save(await readAll(response), nameOf(response));
    } catch (error) {
      end(error.name === "AbortError" ? "Cancelled; nothing was saved." : "The download broke off; nothing was saved. Try again.");
    } finally {
      stop = undefined;
    }
  }

  // Reads to the end; a body that breaks off is an error here, never a shorter file.
  async function readAll(response) {
    const pieces = [];
    const reader = response.body.getReader();
    let rows = -1; // the first line has the names
    let before = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      for (const byte of value) {
        if (byte === LINE_END[1] && before === LINE_END[0]) rows += 1;
        before = byte;
      }
      say(Math.max(rows, 0));
    }
    end(`${rows.toLocaleString("en")} ${rows === 1 ? "row was" : "rows were"} saved.`);
    return new Blob(pieces, { type: "text/csv" });
  }

  function say(rows) {
    const about = Number(part.dataset.about);
    if (about) {
      bar.max = Math.max(about, rows);
      bar.value = rows;
    } else bar.removeAttribute("value");
    said.textContent = `${rows.toLocaleString("en")}${about ? ` of about ${about.toLocaleString("en")}` : ""} rows`;
  }

  function end(words) {
    cancel.hidden = bar.hidden = true;
    said.textContent = words;
    status.textContent = words;
    if (state.contains(document.activeElement) || document.activeElement === document.body) link.focus();
  }

  function save(file, name) {
    const address = URL.createObjectURL(file);
    Object.assign(document.createElement("a"), { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
}

function nameOf(response) {
  return /filename="?([\w.-]+)/.exec(response.headers.get("Content-Disposition"))?.[1] ?? "markdone.csv";
}
