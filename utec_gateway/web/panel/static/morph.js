// Make one element's content like another's and touch nothing that is the same already, so that
// focus, selection and what is being clicked stay where they are. A slider in a hand stays, too.

export function morph(old, fresh) {
  const kept = new Set([...fresh.children].map((node) => node.id));
  for (const node of [...old.children]) if (node.id && !kept.has(node.id)) node.remove();
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((node, index) => {
    const known = before[index];
    if (!known) old.append(node);
    else if (known.nodeName !== node.nodeName || known.id !== node.id) known.replaceWith(node);
    else if (node.nodeType !== Node.ELEMENT_NODE) {
      if (known.data !== node.data) known.data = node.data;
    } else if (!("held" in known.dataset)) {
      sameAttributes(known, node);
      morph(known, node);
    }
  });
  before.slice(after.length).forEach((node) => node.remove());
}

function sameAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && name !== "open") old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (old.type === "range") old.value = fresh.value; // once moved, it does not follow its attribute
}
