// 3-D Secure in a dialog over the shop's page, and the result of an intent for the caller.

/** Show the bank's question to the buyer; resolves with the intent afterwards, or `{error}`. */
function askTheBank(key, kind, clientSecret) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", "3-D Secure");
  Object.assign(dialog.style, {
    border: "0",
    borderRadius: "8px",
    padding: "0",
    width: "min(26rem, 92vw)",
    boxShadow: "0 12px 48px rgb(0 0 0 / 40%)",
    background: "#fff",
  });
  return new Promise((resolve) => {
    const frame = new Frame("three-ds", {
      title: "3-D Secure",
      options: {key, kind, clientSecret},
      on: {
        done: (answer) => {
          frame.remove();
          dialog.close();
          dialog.remove();
          resolve(answer);
        },
      },
    });
    // The dialog cannot be dismissed: the payment would stay incomplete.
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.append(frame.iframe);
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The result for the caller: the intent, or the reason why it failed. */
function resultOf(kind, intent) {
  const failure = intent.last_payment_error ?? intent.last_setup_error;
  if (failure && intent.status === "requires_payment_method") {
    return {error: {...failure, [kind]: intent}};
  }
  return {[INTENTS[kind].result]: intent};
}

/** Carry out the next action of an intent, if it has one. */
async function settle(key, kind, intent) {
  if (intent.status !== "requires_action") {
    return resultOf(kind, intent);
  }
  const answer = await askTheBank(key, kind, intent.client_secret);
  return answer.error ? {error: answer.error} : resultOf(kind, answer.intent);
}

/** Confirm an intent, and carry out its next action. */
async function confirmIntent(key, kind, clientSecret, params, handleActions = true) {
  const path = `${INTENTS[kind].path}/${idOf(clientSecret)}/confirm`;
  const intent = await callApi(key, "POST", path, {...params, client_secret: clientSecret});
  if (intent.error) {
    return {error: intent.error};
  }
  return handleActions ? settle(key, kind, intent) : {[INTENTS[kind].result]: intent};
}
