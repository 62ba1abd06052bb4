// The Payment Element with an intent, or before the intent exists, as in Stripe's documentation.
const stripe = Stripe("pk_test_shop");
const query = new URLSearchParams(location.search);
const setup = query.get("mode") === "setup";
const deferred = query.has("deferred");
const say = (text) => (document.querySelector("#payment-message").textContent = text);
const makeIntent = async () => (await (await fetch("/create-intent", {method: "POST"})).json()).clientSecret;

async function start() {
  const options = deferred ? {mode: "payment", amount: 1990, currency: "usd"} : {clientSecret: await makeIntent()};
  const elements = stripe.elements(options);
  const payment = elements.create("payment");
  window.events = [];
  for (const name of ["ready", "change", "focus", "blur", "loaderror", "loaderstart"]) {
    payment.on(name, (event) => {
      window.events.push({name, ...event});
      document.querySelector("#heard").textContent += ` ${name}${event.complete ? "-complete" : ""}`;
    });
  }
  payment.mount("#payment-element");

  document.querySelector("#payment-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    say("");
    const more = {};
    if (deferred) {
      const {error} = await elements.submit();
      if (error) {
        say(error.message);
        return;
      }
      more.clientSecret = await makeIntent();
    }
    const wanted = {
      elements,
      ...more,
      confirmParams: {return_url: `${location.origin}/complete.html`},
      ...(query.has("stay") ? {redirect: "if_required"} : {}),
    };
    const result = setup ? await stripe.confirmSetup(wanted) : await stripe.confirmPayment(wanted);
    window.result = result;
    const intent = result.paymentIntent ?? result.setupIntent;
    say(result.error ? `${result.error.type}/${result.error.code}: ${result.error.message}` : intent.status);
  });
}

start();
