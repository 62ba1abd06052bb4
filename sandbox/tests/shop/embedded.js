// The embedded payment page, as in Stripe's documentation.
const stripe = Stripe("pk_test_shop");

async function fetchClientSecret() {
  const answer = await fetch("/create-checkout-session", {method: "POST"});
  return (await answer.json()).clientSecret;
}

async function start() {
  const options = {fetchClientSecret};
  if (location.hash === "#stay") {
    options.onComplete = () => {
      document.querySelector("#done").textContent = "Thank you!";
      window.checkout.destroy();
    };
  }
  window.checkout = await stripe.createEmbeddedCheckoutPage(options);
  window.checkout.mount("#checkout");
}

start();
