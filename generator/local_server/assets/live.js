"use strict";
(() => {
  const script = document.currentScript;
  const panel = document.querySelector("#jifenbang-preview");

  // Problems that the reader has closed stay closed on all pages, until there are others.
  const problems = panel.querySelector("details");
  if (problems) {
    document.body.classList.add("jifenbang-problems");
    problems.open = sessionStorage.getItem("closed") !== problems.textContent;
    problems.querySelector("summary").addEventListener("click", () => {
      sessionStorage.setItem("closed", problems.open ? problems.textContent : "");
    });
  }

  const stopped = panel.querySelector(".stopped");
  const address = new URL(`live/${script.dataset.state}`, script.src);
  address.protocol = "ws:";
  const connect = () => {
    let opened = false;
    const socket = new WebSocket(address);
    socket.onopen = () => {
      opened = true;
      stopped.hidden = true;
    };
    socket.onmessage = (event) => {
      if (JSON.parse(event.data).command === "reload") location.reload();
    };
    socket.onclose = () => {
      // A connection may break for a moment; one that can't be made again has ended.
      stopped.hidden = opened;
      setTimeout(connect, 1000);
    };
  };
  connect();
})();
