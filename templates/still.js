// A page without steps: nothing moves on it.
"use strict";
(() => {
  const sheet = document.querySelector("main");

{% include "reach.js" %}
})();
