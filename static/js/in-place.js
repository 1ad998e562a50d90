/* What is written in place, a name in the tree or a row of a list, is saved before what surrounds it
   goes: when a link is followed or a form is sent. What the server refuses stays, and so does the page. */

const held = new Set();

/* hold({element, isTyped(), save()}) until the function that it returns is called; save() resolves to
   whether it was saved. */
export function hold(writing) {
  held.add(writing);
  return () => held.delete(writing);
}

function unsaved(target) {
  const all = [...held].filter(({ element }) => element.isConnected);
  return all.filter(({ element, isTyped }) => !element.contains(target) && isTyped());
}

let turn = 0;

/* Whether the event waits: everything is saved first, then `goOn` does what it would have done. Of
   several events that wait, the last one counts. */
function saveFirst(event, target, goOn) {
  const waiting = unsaved(target);
  if (!waiting.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const own = (turn += 1);
  const saveAll = async () => {
    for (const writing of waiting) if (!(await writing.save())) return;
    if (own === turn) goOn();
  };
  saveAll();
}

/* Clicks what was clicked or, where saving brought other elements, the same among those: the link, or
   the arrow within it, which is none. */
function clickAgain(link, target) {
  const same = () => {
    const fresh = link.isConnected ? link : [...document.links].find(({ href }) => href === link.href);
    return (target.closest(".tw") && fresh?.querySelector(".tw")) || fresh;
  };
  const again = target.isConnected ? target : same();
  again?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || event.ctrlKey || event.metaKey || event.shiftKey) return;
    saveFirst(event, link, () => clickAgain(link, event.target));
  },
  { capture: true },
);
document.addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    saveFirst(event, form, () => form.requestSubmit(submitter));
  },
  { capture: true },
);
addEventListener("beforeunload", (event) => {
  if (unsaved(null).length) event.preventDefault();
});
