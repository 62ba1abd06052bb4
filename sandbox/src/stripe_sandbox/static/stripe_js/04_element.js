// An Element: a frame in a container of the shop's page, its events, and the classes of the container.

const ELEMENTS = {
  payment: {title: "Secure payment input frame", collects: "card"},
  card: {title: "Secure card payment input frame", collects: "card", classes: true},
  cardNumber: {title: "Secure card number input frame", collects: "card", classes: true},
  cardExpiry: {title: "Secure expiration date input frame", classes: true},
  cardCvc: {title: "Secure CVC input frame", classes: true},
  address: {title: "Secure address input frame"},
  linkAuthentication: {title: "Secure email input frame"},
  contactDetails: {title: "Secure email input frame"},
  // The sandbox has no wallets, other currencies or instalment plans. These Elements stay empty, as with Stripe in
  // a browser without them.
  expressCheckout: {empty: {availablePaymentMethods: undefined}},
  currencySelector: {empty: {}},
  paymentMethodMessaging: {empty: {}},
  paymentRequestButton: {empty: {}},
};

const STATES = ["complete", "empty", "focus", "invalid"];

class StripeElement {
  #handlers = new Handlers();
  #frame = null;
  #container = null;
  #labels = [];
  #destroyed = false;
  #state = {empty: true, complete: false};

  constructor(type, options, group) {
    this._type = type;
    this._options = options;
    this._group = group;
    this._kind = ELEMENTS[type];
  }

  /** The container's classes by state, as the options of the Element name them. */
  #className(state) {
    const given = this._options.classes ?? {};
    return given[state] ?? (state === "base" ? "StripeElement" : `StripeElement--${state}`);
  }

  mount(location) {
    if (this.#destroyed) {
      throw new IntegrationError("This Element has already been destroyed. Please create a new one.");
    }
    const container = placeOf(location, "element.mount()");
    if (this.#container === container) {
      return;
    }
    this.unmount();
    if (container.childNodes.length > 0) {
      warnOnce("The container of an Element was not empty: its content was removed, as Stripe.js does.");
      container.replaceChildren();
    }
    this.#container = container;
    container.classList.add(this.#className("base"), this.#className("empty"));
    this.#labels = container.id ? [...document.querySelectorAll(`label[for="${CSS.escape(container.id)}"]`)] : [];
    this.#labels.forEach((label) => label.addEventListener("click", this.#focusByLabel));
    if (this._kind.empty) {
      queueMicrotask(() => this.#say("ready", this._kind.empty));
      return;
    }
    this.#open();
  }

  #focusByLabel = () => this.focus();

  #open() {
    const {title} = this._kind;
    this.#frame = new Frame("element", {
      title,
      options: this._group._frameOptions(this._type, this._options),
      on: {
        change: (event) => this.#changed(event),
        focus: () => this.#focused(true),
        blur: () => this.#focused(false),
        escape: () => this.#say("escape"),
        ready: () => this.#ready(),
        failed: () => this.#failed({type: "api_connection_error", message: `${ORIGIN} is unreachable.`}),
      },
    });
    this.#container.append(this.#frame.iframe);
    this.#say("loaderstart");
  }

  async #ready() {
    const error = await this._group._loadError();
    if (this.#container === null) {
      return;
    }
    if (error) {
      this.#failed(error);
    } else {
      this.#say("ready");
    }
  }

  #failed(error) {
    console.error(`[Stripe sandbox] The ${this._type} Element cannot load: ${error.message}`);
    this.#say("loaderror", {error});
  }

  #changed(event) {
    const {private: hidden, ...state} = event;
    this.#state = {...state, invalid: state.error !== undefined, focus: this.#state.focus};
    this._value = hidden ?? state.value;
    this._group._noted();
    if (this._kind.classes) {
      this.#mark();
    }
    this.#say("change", state);
  }

  #focused(focus) {
    this.#state.focus = focus;
    if (this._kind.classes) {
      this.#mark();
    }
    this.#say(focus ? "focus" : "blur");
  }

  #mark() {
    for (const state of STATES) {
      this.#container?.classList.toggle(this.#className(state), Boolean(this.#state[state]));
    }
  }

  #say(name, event = {}) {
    this.#handlers.call(name, {elementType: this._type, ...event});
  }

  on(name, handler) {
    this.#handlers.add(name, handler);
    return this;
  }

  once(name, handler) {
    this.#handlers.add(name, handler, true);
    return this;
  }

  off(name, handler) {
    this.#handlers.remove(name, handler);
    return this;
  }

  unmount() {
    this.#labels.forEach((label) => label.removeEventListener("click", this.#focusByLabel));
    this.#container?.classList.remove(this.#className("base"), ...STATES.map((state) => this.#className(state)));
    this.#frame?.remove();
    this.#frame = null;
    this.#container = null;
    this.#state = {empty: true, complete: false};
    this._group._noted();
  }

  destroy() {
    this.unmount();
    this.#destroyed = true;
    this._group._forget(this);
  }

  update(options = {}) {
    if (!isObject(options)) {
      throw new IntegrationError("Invalid argument for element.update(): pass an object.");
    }
    this._options = {...this._options, ...options};
    this.#frame?.tell("update", this._group._frameOptions(this._type, this._options));
    return this;
  }

  focus() {
    this.#frame?.tell("focus");
  }

  blur() {
    this.#frame?.tell("blur");
  }

  clear() {
    this.#frame?.tell("clear");
  }

  collapse() {
    return this;
  }

  /** The value of an Address Element. */
  async getValue() {
    const {complete, value} = await this.#asked("value");
    return {complete, isNewAddress: true, value};
  }

  get _mounted() {
    return this.#container !== null;
  }

  get _complete() {
    return Boolean(this.#state.complete);
  }

  /** Make the frame check its entries and show errors: `{}` or `{error}`. */
  async _validate() {
    return this._kind.empty ? {} : this.#asked("validate", {});
  }

  /** Make the frame create a payment method from the card entered in it. */
  async _createPaymentMethod(params) {
    return this.#asked("createPaymentMethod", {key: this._group._key, params, siblings: this._group._siblings()});
  }

  async #asked(what, data) {
    if (this.#frame === null) {
      throw new IntegrationError(
        "We could not retrieve data from the specified Element. Please make sure the Element you are attempting to " +
          "use is still mounted.",
      );
    }
    return this.#frame.ask(what, data);
  }
}
