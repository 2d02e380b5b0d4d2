/* Passkeys: a button asks the browser for one, and the form sends its answer.
   Without this file, or where the browser knows no passkeys, the buttons stay hidden and everything else works. */
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => {
    const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  };
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const answer = (made, response) => ({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response,
  });

  const create = async ({ publicKey }) => {
    const made = await navigator.credentials.create({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        user: { ...publicKey.user, id: bytes(publicKey.user.id) },
        excludeCredentials: known(publicKey.excludeCredentials),
        /* A passkey signs in by itself, so it has to be found without a name and ask for finger, face or PIN. */
        authenticatorSelection: {
          ...publicKey.authenticatorSelection,
          residentKey: "required",
          requireResidentKey: true,
          userVerification: "required",
        },
      },
    });
    return answer(made, {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports ? made.response.getTransports() : [],
    });
  };

  const get = async ({ publicKey }) => {
    const made = await navigator.credentials.get({
      publicKey: {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        allowCredentials: known(publicKey.allowCredentials),
      },
    });
    return answer(made, {
      clientDataJSON: text(made.response.clientDataJSON),
      authenticatorData: text(made.response.authenticatorData),
      signature: text(made.response.signature),
      userHandle: made.response.userHandle ? text(made.response.userHandle) : null,
    });
  };

  const options = async (form) => {
    const here = document.getElementById(form.dataset.options || "");
    if (here) return JSON.parse(here.textContent);
    const asked = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!asked.ok) throw new Error(`options: ${asked.status}`);
    return asked.json();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const said = form.querySelector("[data-passkey-problem]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      const credential = form.elements.credential;
      if (credential.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      said.hidden = true;
      try {
        const data = await options(form);
        const made = form.dataset.passkey === "create"
          ? await create(data.creation_options)
          : await get(data.request_options);
        credential.value = JSON.stringify(made);
        form.requestSubmit();
      } catch (problem) {
        /* Somebody changed their mind, or the device has no passkey: said beside the button, nothing is sent. */
        credential.value = "";
        said.hidden = false;
      }
    });
  }
})();
