// Drags a case of an agenda to another place. What it sends is the form that stands in the page without it.
(() => {
  "use strict";
  const slots = [...document.querySelectorAll("[data-slot]")];

  const placeAt = (y) => {
    const found = slots.findIndex((one) => {
      const box = one.getBoundingClientRect();
      return y < box.top + box.height / 2;
    });
    return found < 0 ? slots.length : found;
  };

  // Before which case it would come; dropped just before or behind itself it stays.
  const show = (at) => {
    slots.forEach((one, number) => {
      one.classList.toggle("app-slot--before", number === at);
      one.classList.toggle("app-slot--after", at === slots.length && number === at - 1);
    });
  };

  const drop = (slot, from, at) => {
    const to = at > from ? at - 1 : at;
    const form = slot.querySelector("form[data-place]");
    if (to !== from && form) {
      form.elements.to.value = String(to + 1);
      form.requestSubmit();
    }
  };

  slots.forEach((slot, from) => {
    if (!slot.querySelector("form[data-place]")) return;
    const handle = document.createElement("span");
    handle.className = "app-slot__handle app-no-print";
    handle.setAttribute("aria-hidden", "true");
    handle.textContent = "\u2195 Drag";
    slot.prepend(handle);
    let isDragged = false;

    const end = () => {
      isDragged = false;
      slot.classList.remove("app-slot--moving");
      show(-1);
    };
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      isDragged = true;
      handle.setPointerCapture(event.pointerId);
      slot.classList.add("app-slot--moving");
      event.preventDefault();
    });
    handle.addEventListener("pointermove", (event) => {
      if (isDragged) show(placeAt(event.clientY));
    });
    handle.addEventListener("pointerup", (event) => {
      if (!isDragged) return;
      const at = placeAt(event.clientY);
      end();
      drop(slot, from, at);
    });
    handle.addEventListener("pointercancel", end);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && isDragged) end();
    });
  });
})();
