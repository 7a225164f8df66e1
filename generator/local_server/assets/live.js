"use strict";
(() => {
  const script = document.currentScript;
  const stopped = document.querySelector("#jifenbang-preview .stopped");
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
