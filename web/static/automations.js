// The form of an automation is fetched anew when one of its buttons is pressed, or when something is chosen that other
// fields depend on. What is typed meanwhile is carried over, a choice made meanwhile asks once more, and a button that
// was pressed meanwhile is pressed again.

let sent = new Map();
let isUnderway = false;
let pressed = "";

function typed() {
  const fields = [...document.querySelectorAll("#editor :is(input, select, textarea)[id]")];
  return new Map(fields.map((field) => [field.id, field.value]));
}

document.addEventListener("htmx:beforeSend", (event) => {
  if (!event.target.closest("#editor")) return;
  sent = typed();
  isUnderway = true;
  pressed = "";
});

document.addEventListener("htmx:afterRequest", () => (isUnderway = false));

// Before htmx hears of it: else the press that sends the form would count as one made meanwhile.
document.addEventListener("click", (event) => {
  const button = event.target.closest("#editor button[hx-post]");
  if (button && isUnderway) pressed = button.id;
}, true);

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.target.matches("#editor")) return;
  // Any other button puts other fields under the same names.
  if (!event.detail.requestConfig.parameters.do?.startsWith("refresh ")) return;
  const since = [...typed()].filter(([id, value]) => sent.get(id) !== value);
  const again = pressed;
  addEventListener("htmx:afterSettle", () => {
    since.forEach(carryOver);
    document.getElementById(again)?.click();
  }, { once: true });
});

function carryOver([id, value]) {
  const field = document.getElementById(id);
  if (!field || field.value === value) return;
  field.value = value;
  if (field.matches("select[hx-post]")) field.dispatchEvent(new Event("change", { bubbles: true }));
}
