// A checkout that the page builds from Elements: its session and actions.

const UNMODELLED_ACTIONS = [
  "updateShippingAddress",
  "updateShippingOption",
  "updateTaxIdInfo",
  "updateLineItemQuantity",
  "updateIndividualName",
  "updateBusinessName",
  "addOptionalLineItem",
  "removeOptionalLineItem",
];

class Checkout {
  #key;
  #secret;
  #view;
  #handlers = new Handlers();
  #session = null;
  #page = null;
  #entered = {};
  #loading;
  #calls = Promise.resolve();
  #confirmable = false;

  constructor(stripe, options, elementsOptions) {
    this.#key = stripe._key;
    this.#view = new SessionView(stripe._options.locale);
    this.#loading = this.#load(options);
    this.elements = new Elements(stripe, elementsOptions, {
      onNoted: () => this.#noted(),
      sessionError: async () => (await this.#loading).error,
    });
  }

  async #load({clientSecret, defaultValues = {}}) {
    try {
      this.#secret = await clientSecret;
      requireSessionSecret(this.#secret);
    } catch (error) {
      return {error: {type: "invalid_request_error", message: error.message}};
    }
    const answer = await this.#call("init");
    if (answer.error) {
      return answer;
    }
    const {email, phoneNumber, billingAddress} = defaultValues;
    const given = {email, phone_number: phoneNumber, billing_address: billingAddress};
    const wanted = Object.entries(given).filter(([, value]) => value !== undefined);
    return wanted.length > 0 && this.#session.email === null ? this.#call("update", Object.fromEntries(wanted)) : answer;
  }

  /** Send a request about the session; its answer becomes the current session. Calls run one after the other,
   * so that an older answer cannot replace a newer one. */
  #call(what, params = {}) {
    this.#calls = this.#calls.then(() => this.#ask(what, params));
    return this.#calls;
  }

  async #ask(what, params) {
    const id = idOf(this.#secret);
    const answer = await callApi(this.#key, "POST", `/v1/payment_pages/${id}/${what}`, {
      ...params,
      client_secret: this.#secret,
    });
    if (!answer.error) {
      this.#session = answer.session;
      this.#page = answer.page;
    }
    return answer;
  }

  get #canConfirm() {
    const payment = this.elements.getElement("payment");
    const card = !this.#page.needs_card || Boolean(payment?._mounted && payment._complete);
    return this.#session.status.type === "open" && this.#page.missing.length === 0 && card;
  }

  getSession() {
    return this.#view.present(this.#session, this.#canConfirm);
  }

  on(name, handler) {
    if (name !== "change") {
      throw new IntegrationError(`Invalid event "${name}": a checkout has only "change".`);
    }
    this.#handlers.add(name, handler);
  }

  #changed() {
    this.#confirmable = this.#canConfirm;
    this.#handlers.call("change", this.getSession());
  }

  /** An Element has changed: store its value in the session, and update whether the page can confirm. */
  #noted() {
    if (this.#session === null) {
      return;
    }
    this.#enter("contactDetails", {}, ({email}) => ({email}));
    this.#enter("address", {mode: "billing"}, ({name, address}) => ({billing_address: {name, address}}));
    if (this.#canConfirm !== this.#confirmable) {
      this.#changed();
    }
  }

  #enter(type, options, params) {
    const element = this.elements.getElement(type, options);
    const text = element?._complete ? JSON.stringify(params(element._value)) : undefined;
    if (text !== undefined && this.#entered[type] !== text) {
      this.#entered[type] = text;
      this.#call("update", JSON.parse(text)).then(() => this.#changed());
    }
  }

  async #act(params, explain) {
    const answer = await this.#call("update", params);
    if (answer.error) {
      return explain(answer.error);
    }
    this.#changed();
    return {type: "success", session: this.getSession()};
  }

  async loadActions() {
    const {error} = await this.#loading;
    if (error) {
      return failed(error.message);
    }
    const plain = (problem) => failed(problem.message);
    const actions = {
      getSession: () => this.getSession(),
      updateEmail: (email) =>
        this.#act({email}, (problem) => (problem.code === "email_invalid" ? emailError(email) : plain(problem))),
      updatePhoneNumber: (number) => this.#act({phone_number: number}, plain),
      updateBillingAddress: (address) => this.#act({billing_address: address}, plain),
      applyPromotionCode: (code) => this.#act({promotion_code: code}, promotionError),
      removePromotionCode: () => this.#act({promotion_code: null}, plain),
      runServerUpdate: (update) => this.#runServerUpdate(update),
      validateElements: () => this.#validate(),
      confirm: (options) => this.#confirm(options),
    };
    for (const name of UNMODELLED_ACTIONS) {
      actions[name] = async () => {
        throw notModelled(`actions.${name}()`);
      };
    }
    return {type: "success", actions};
  }

  async #runServerUpdate(update) {
    if (typeof update !== "function") {
      throw new IntegrationError("Invalid value for runServerUpdate(): pass a function that returns a promise.");
    }
    await update();
    const answer = await this.#call("init");
    if (answer.error) {
      return failed(answer.error.message);
    }
    this.#changed();
    return {type: "success", session: this.getSession()};
  }

  async #validate() {
    if (this.elements._mounted.length === 0) {
      const message = "You must have a mounted element.";
      return {type: "error", error: {code: "no_elements", message, validation_errors: []}};
    }
    const {error} = await this.elements.submit();
    if (error) {
      const found = [{message: error.message, element: "payment"}];
      return {type: "error", error: {code: "validation_error", message: error.message, validation_errors: found}};
    }
    return {type: "success", session: this.getSession()};
  }

  async #confirm(options = {}) {
    if (this.#page.mode !== "setup") {
      this.#view.requireRead();
    }
    if (options.expressCheckoutConfirmEvent !== undefined) {
      throw notModelled("wallets");
    }
    if (options.savePaymentMethod !== undefined) {
      warnOnce("savePaymentMethod is ignored.");
    }
    const method = await this.#paymentMethod(options);
    if (method.error) {
      return paymentError(method.error);
    }
    const answer = await this.#call("submit", {
      payment_method: method.id,
      return_url: options.returnUrl,
      email: options.email,
      phone_number: options.phoneNumber,
      billing_address: options.billingAddress,
    });
    if (answer.error) {
      await this.#call("init");
      this.#changed();
      return paymentError(answer.error);
    }
    return this.#conclude(answer, options.redirect ?? "always");
  }

  /** The payment method to confirm with: the one named by the page, or the card in the Payment Element. */
  async #paymentMethod({paymentMethod, email, billingAddress}) {
    if (paymentMethod !== undefined || !this.#page.needs_card) {
      return {id: paymentMethod};
    }
    const element = this.elements._paymentElement("confirm()");
    const {error} = await this.elements.submit();
    if (error) {
      return {error};
    }
    const known = billingAddress ?? this.#session.billingAddress ?? {};
    const billing = {email: email ?? this.#session.email ?? undefined, name: known.name, address: known.address};
    const made = await element._createPaymentMethod({billing_details: billing, allow_redisplay: "limited"});
    return made.error ? {error: made.error} : {id: made.paymentMethod.id};
  }

  async #conclude(answer, redirect) {
    const waiting = answer.page.intent;
    if (waiting) {
      const kind = kindOf(waiting.client_secret, "confirm()");
      const asked = await askTheBank(this.#key, kind, waiting.client_secret);
      await this.#call("init");
      const {error} = asked.error ? asked : resultOf(kind, asked.intent);
      if (error) {
        this.#changed();
        return paymentError(error);
      }
    }
    this.#changed();
    if (redirect === "always") {
      return leaveFor(this.#page.return_url);
    }
    return {type: "success", session: this.getSession()};
  }
}
