// Payment and setup intents: confirm with the Payment Element, card Elements, or a stored payment method.

/** Whether the caller always wants a redirect to its return URL. */
function wantsRedirect(options, method) {
  const redirect = options.redirect ?? "always";
  if (!["always", "if_required"].includes(redirect)) {
    throw new IntegrationError(`Invalid value for ${method}: redirect should be "always" or "if_required".`);
  }
  if (redirect === "always" && !options.confirmParams?.return_url) {
    throw new IntegrationError(
      `Invalid value for ${method}: confirmParams.return_url is required unless redirect is "if_required".`,
    );
  }
  return redirect === "always";
}

/** The client secret, and the mounted Payment Element if one is needed. */
function sourceOf(options, kind, method) {
  const {elements, clientSecret, confirmParams = {}} = options;
  if (elements !== undefined && !(elements instanceof Elements)) {
    throw new IntegrationError(`Invalid value for ${method}: elements should be an Elements instance.`);
  }
  const secret = clientSecret ?? elements?._clientSecret;
  requireKind(secret, kind, method);
  if (confirmParams.payment_method !== undefined) {
    return {secret, element: null};
  }
  if (confirmParams.confirmation_token !== undefined) {
    throw notModelled("confirmation tokens");
  }
  if (elements === undefined) {
    return {secret, element: null};
  }
  const element = elements._paymentElement(method);
  if (elements._deferred && !elements._submitted) {
    throw new IntegrationError(
      `elements.submit() must be called before ${method} when the Elements were created without an Intent.`,
    );
  }
  return {secret, element};
}

/** `stripe.confirmPayment` and `stripe.confirmSetup`. */
async function confirmWithElements(key, kind, options = {}) {
  const method = kind === "payment_intent" ? "stripe.confirmPayment()" : "stripe.confirmSetup()";
  if (!isObject(options)) {
    throw new IntegrationError(`Invalid value for ${method}: pass an object.`);
  }
  const redirect = wantsRedirect(options, method);
  const {secret, element} = sourceOf(options, kind, method);
  const {payment_method_data: data = {}, ...params} = options.confirmParams ?? {};
  if (element !== null) {
    const submitted = options.elements._deferred ? {} : await options.elements.submit();
    if (submitted.error) {
      return {error: submitted.error};
    }
    const billing = {...data.billing_details, ...options.elements._billingDetails()};
    const made = await element._createPaymentMethod({...data, billing_details: billing});
    if (made.error) {
      return {error: made.error};
    }
    params.payment_method = made.paymentMethod.id;
  }
  const result = await confirmIntent(key, kind, secret, params);
  if (result.error || !redirect) {
    return result;
  }
  const intent = result[INTENTS[kind].result];
  return leaveFor(options.confirmParams.return_url, {
    [kind]: intent.id,
    [`${kind}_client_secret`]: intent.client_secret,
    redirect_status: intent.status === "succeeded" ? "succeeded" : "pending",
  });
}

/** `stripe.confirmCardPayment` and `stripe.confirmCardSetup`. */
async function confirmCard(key, kind, method, clientSecret, data = {}, options = {}) {
  requireKind(clientSecret, kind, method);
  const {payment_method: given, payment_method_options: _, ...params} = data;
  if (typeof given === "string") {
    params.payment_method = given;
  } else if (isObject(given)) {
    const made = await createPaymentMethod(key, {...given, type: "card"}, method);
    if (made.error) {
      return {error: made.error};
    }
    params.payment_method = made.paymentMethod.id;
  }
  return confirmIntent(key, kind, clientSecret, params, options.handleActions ?? true);
}

/** `stripe.createPaymentMethod`, in the old shape (`type, card`) or the new one (`elements` or `element`). */
async function createPaymentMethod(key, data, method = "stripe.createPaymentMethod()") {
  if (data?.elements instanceof Elements || data?.element instanceof StripeElement) {
    const element = data.element ?? data.elements._paymentElement(method);
    const known = data.elements?._billingDetails() ?? {};
    const params = data.params ?? {};
    return element._createPaymentMethod({...params, billing_details: {...params.billing_details, ...known}});
  }
  const {type, card, ...params} = isObject(data) ? data : {};
  if (type !== "card") {
    throw type === undefined
      ? new IntegrationError(`Invalid value for ${method}: type should be a string.`)
      : notModelled(`payment methods of the type "${type}"`);
  }
  if (card instanceof StripeElement) {
    if (card._kind.collects !== "card") {
      throw new IntegrationError(`Invalid value for ${method}: card should be a card or cardNumber Element.`);
    }
    return card._createPaymentMethod(params);
  }
  if (typeof card?.token !== "string") {
    throw new IntegrationError(
      `Invalid value for ${method}: card should be an object or an Element. Card numbers can only be entered in Elements.`,
    );
  }
  const made = await callApi(key, "POST", "/v1/payment_methods", {...params, type, card: {token: card.token}});
  return made.error ? {error: made.error} : {paymentMethod: made};
}

/** `stripe.handleNextAction` and `stripe.handleCardAction`. */
async function handleAction(key, clientSecret, method) {
  const kind = kindOf(clientSecret, method);
  const found = await retrieveIntent(key, clientSecret, kind);
  if (found.error) {
    return found;
  }
  return settle(key, kind, found[INTENTS[kind].result]);
}
