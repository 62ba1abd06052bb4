// A group of Elements, with their shared options and state.

const MODES = ["payment", "setup", "subscription"];

class Elements {
  #stripe;
  #options;
  #onNoted;
  #sessionError;
  #elements = [];
  #handlers = new Handlers();
  // The frames of a group use it to find each other. Not randomUUID: a page without TLS may lack it.
  #group = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
  #loaded = null;
  #submitted = false;

  /** For a Checkout Session, also the callback for changes, and whether the session is usable. */
  constructor(stripe, options, {onNoted = () => {}, sessionError = null} = {}) {
    this.#stripe = stripe;
    this.#options = options;
    this.#onNoted = onNoted;
    this.#sessionError = sessionError;
    this._key = stripe._key;
    if ((options.fonts ?? []).length > 0) {
      warnOnce("Fonts are not loaded into Elements.");
    }
    if (options.clientSecret !== undefined && options.mode !== undefined) {
      throw new IntegrationError("Invalid value for elements(): pass either `clientSecret` or `mode`, not both.");
    }
    if (options.clientSecret !== undefined) {
      kindOf(options.clientSecret, "elements()");
    }
    if (options.mode !== undefined) {
      this.#checkMode(options);
    }
  }

  #checkMode({mode, amount, currency}) {
    if (!MODES.includes(mode)) {
      throw new IntegrationError(`Invalid value for elements(): mode should be one of ${MODES.join(", ")}.`);
    }
    if (mode !== "setup" && !(Number.isInteger(amount) && amount >= 0)) {
      throw new IntegrationError("Invalid value for elements(): amount should be an amount in minor units.");
    }
    if (mode !== "setup" && !/^[a-z]{3}$/.test(currency ?? "")) {
      throw new IntegrationError("Invalid value for elements(): currency should be a three-letter code in lower case.");
    }
  }

  create(type, options = {}) {
    if (!Object.hasOwn(ELEMENTS, type)) {
      throw notModelled(`the Element "${type}"`);
    }
    const alone = type !== "address";
    if (alone && this.getElement(type) !== null) {
      throw new IntegrationError(`Can only create one Element of type ${type} through elements().`);
    }
    if (type === "payment" && !this.#sessionError && !this.#options.clientSecret && !this.#options.mode) {
      throw new IntegrationError(
        "In order to create a payment element, you must pass a clientSecret or mode when creating the Elements group.",
      );
    }
    if (type === "address" && !["billing", "shipping"].includes(options.mode)) {
      throw new IntegrationError('Invalid value for create(): the Address Element needs the mode "billing" or "shipping".');
    }
    const element = new StripeElement(type, options, this);
    this.#elements.push(element);
    return element;
  }

  getElement(type, options = {}) {
    const kind = typeof type === "function" ? type.__elementType : type;
    const fits = (element) => element._type === kind && (!options.mode || element._options.mode === options.mode);
    return this.#elements.find(fits) ?? null;
  }

  async update(options = {}) {
    this.#options = {...this.#options, ...options};
    if (this.#options.mode !== undefined) {
      this.#checkMode(this.#options);
    }
    for (const element of this.#elements) {
      element.update();
    }
    this.#handlers.call("update-end", {});
  }

  on(name, handler) {
    this.#handlers.add(name, handler);
  }

  async fetchUpdates() {
    this.#loaded = null;
    const error = await this._loadError();
    return error ? {error} : {};
  }

  /** Check every mounted Element; returns the first error. */
  async submit() {
    this.#submitted = true;
    for (const element of this._mounted) {
      const {error} = await element._validate();
      if (error) {
        return {error};
      }
    }
    return {selectedPaymentMethod: "card"};
  }

  // -- for the rest of this script -------------------------------------------------------------------------

  get _mounted() {
    return this.#elements.filter((element) => element._mounted && !element._kind.empty);
  }

  get _clientSecret() {
    return this.#options.clientSecret;
  }

  get _deferred() {
    return this.#options.mode !== undefined;
  }

  get _submitted() {
    return this.#submitted;
  }

  /** The Element with the card; throws if none is mounted. */
  _paymentElement(method) {
    const element = this.getElement("payment");
    if (element === null || !element._mounted) {
      throw new IntegrationError(
        `Invalid value for ${method}: elements should have a mounted Payment Element or Express Checkout Element.`,
      );
    }
    return element;
  }

  /** Billing details from the other Elements of the group. */
  _billingDetails() {
    const value = (type, options) => this.getElement(type, options)?._value;
    const address = value("address", {mode: "billing"});
    const email = value("linkAuthentication")?.email ?? value("contactDetails")?.email;
    const known = address ? {name: address.name, address: address.address, phone: address.phone} : {};
    return {...known, ...(email ? {email} : {})};
  }

  /** The reason why the Elements of this group do not work; undefined if they do. */
  async _loadError() {
    const secret = this.#options.clientSecret;
    if (secret === undefined) {
      return this.#sessionError?.();
    }
    this.#loaded ??= retrieveIntent(this._key, secret, kindOf(secret, "elements()"));
    return (await this.#loaded).error;
  }

  _frameOptions(type, options) {
    const {classes, ...own} = options;
    return {
      type,
      group: this.#group,
      options: JSON.parse(JSON.stringify(own)),
      appearance: JSON.parse(JSON.stringify(this.#options.appearance ?? {})),
      locale: this.#options.locale ?? this.#stripe._options.locale ?? "auto",
    };
  }

  /** The other fields of a card whose number is in a separate Element. */
  _siblings() {
    return ["cardExpiry", "cardCvc"].filter((type) => this.getElement(type)?._mounted);
  }

  _noted() {
    this.#onNoted();
  }

  _forget(element) {
    this.#elements = this.#elements.filter((one) => one !== element);
  }
}
