// An input with its label and error.

let numbered = 0;

export class Field {
  #error;
  #message = null;
  #touched = false;
  #validated = false;

  /**
   * @param wanted name, label, placeholder, autocomplete, inputmode; `check(text)` returns an error, `format(text,
   *   typed)` formats the entry; `options` makes it a choice; an `optional` field may stay empty
   * @param labelled whether the label is shown; a line of card fields has no labels
   */
  constructor(wanted, {labelled, onChange}) {
    numbered += 1;
    this.wanted = wanted;
    this.labelled = labelled;
    this.element = document.createElement("div");
    this.element.className = `field ${wanted.name}`;
    this.input = wanted.options ? this.#choice(wanted.options) : document.createElement("input");
    this.input.id = `field-${numbered}`;
    this.input.name = wanted.name;
    this.input.value = wanted.value ?? this.input.value;
    const attributes = {placeholder: wanted.placeholder, autocomplete: wanted.autocomplete, inputmode: wanted.inputmode};
    for (const [name, value] of Object.entries(attributes).filter(([, given]) => given !== undefined)) {
      this.input.setAttribute(name, value);
    }
    this.#label();
    this.element.append(this.input);
    this.input.addEventListener("input", (event) => this.#typed(event, onChange));
    this.input.addEventListener("blur", () => {
      this.#touched = this.input.value !== "";
      onChange();
    });
    this.#checked();
  }

  #choice(options) {
    const select = document.createElement("select");
    select.append(...options.map(([value, text]) => new Option(text, value)));
    return select;
  }

  #label() {
    if (!this.labelled) {
      this.input.setAttribute("aria-label", this.wanted.label);
      return;
    }
    const label = document.createElement("label");
    label.htmlFor = this.input.id;
    label.textContent = this.wanted.label;
    this.element.append(label);
  }

  #typed(event, onChange) {
    this.#validated = false;
    if (this.wanted.format && event.inputType !== "deleteContentBackward") {
      const atEnd = this.input.selectionStart === this.input.value.length;
      this.input.value = this.wanted.format(this.input.value, true);
      if (!atEnd) {
        this.input.setSelectionRange(event.target.selectionStart, event.target.selectionStart);
      }
    }
    onChange();
  }

  #checked() {
    const {check, optional} = this.wanted;
    this.#error = optional && this.empty ? undefined : check?.(this.input.value);
  }

  get value() {
    return this.input.value;
  }

  get empty() {
    return this.input.value.trim() === "";
  }

  get complete() {
    this.#checked();
    return this.#error === undefined;
  }

  /** The error, if the buyer should see it already. */
  get shown() {
    this.#checked();
    const left = this.#touched && document.activeElement !== this.input;
    const told = left || this.#validated || this.#error?.code.startsWith("invalid_");
    return told ? this.#error : undefined;
  }

  /** Check the value as if the buyer had finished entering it. */
  validate() {
    this.#touched = true;
    this.#validated = true;
    this.#checked();
    this.show(this.#error);
    return this.#error;
  }

  /** Show an error (undefined: none), with its text only if there is room. */
  show(error = this.shown) {
    this.input.setAttribute("aria-invalid", String(error !== undefined));
    this.input.classList.toggle("empty", this.empty);
    this.input.classList.toggle("complete", error === undefined && !this.empty && this.complete);
    if (!this.labelled) {
      return;
    }
    this.#message?.remove();
    this.#message = null;
    this.input.removeAttribute("aria-describedby");
    if (error) {
      this.#message = document.createElement("p");
      this.#message.className = "error";
      this.#message.id = `${this.input.id}-error`;
      this.#message.setAttribute("role", "alert");
      this.#message.textContent = error.message;
      this.input.setAttribute("aria-describedby", this.#message.id);
      this.element.append(this.#message);
    }
  }

  clear() {
    this.input.value = "";
    this.#touched = false;
    this.#validated = false;
    this.show(undefined);
  }
}
