// Each page of the desk: the window reports itself, and what can't be done by a form alone is done here.
(function () {
  "use strict";

  var root = document.body.dataset.root;
  var number = window.crypto.getRandomValues(new Uint32Array(2)).join("");
  var stopped = document.getElementById("stopped");
  var socket = null, isUnsaved = false;

  function byId(id) { return document.getElementById(id); }

  function make(name, text, className) {
    var element = document.createElement(name);
    element.textContent = text || "";
    if (className) { element.className = className; }
    return element;
  }

  // --- the window

  function connect() {
    var address = new URL(root + "-/window/" + number, location.href);
    address.protocol = "ws:";
    socket = new WebSocket(address);
    socket.onopen = function () {
      stopped.hidden = true;
      report(isUnsaved);
    };
    socket.onclose = function () {
      stopped.hidden = false;
      window.setTimeout(connect, 2000);
    };
  }

  function report(unsaved) {
    isUnsaved = unsaved;
    if (socket.readyState === 1) { socket.send(unsaved ? "unsaved" : "saved"); }
  }

  function send(path, body) {
    return fetch(root + path, { method: "POST", body: body }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.json();
    }).catch(function () {
      return { refused: "没有办成：工作台没有回答。填的内容还在这一页上" };
    });
  }

  var editor = document.querySelector("script[data-save]") || byId("month");
  if (editor) {
    window.jifenbangDesk = {
      report: report,
      save: function (content, merges) {
        var path = document.querySelector("script[data-save]").dataset.save.slice(root.length);
        return send(path + (merges ? "?merge=1" : ""), content);
      },
    };
  }

  window.addEventListener("pagehide", function () {
    if (!isUnsaved && socket) { socket.close(); }
  });
  connect();

  // --- what moves by an act: computed while the rest is read, and shown before the act can be done

  var moves = byId("moves");
  if (moves) {
    var confirmation = document.querySelector("main button.main");
    confirmation.disabled = true;
    moves.textContent = "正在算…";
    fetch(moves.dataset.page).then(function (answer) {
      return answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)));
    }).then(function (page) {
      moves.replaceChildren.apply(moves, Array.from(new DOMParser().parseFromString(page, "text/html").body.childNodes));
    }).catch(function () {
      moves.textContent = "没有算出来；可以返回再看一次。";
    }).then(function () {
      moves.setAttribute("aria-busy", "false");
      confirmation.disabled = false;
    });
  }

  // --- files that are handed in

  function showProblems(list, problems) {
    problems.forEach(function (problem) {
      var line = make("li", "", problem.error ? "error" : "warning");
      line.append(make("code", problem.place), " " + (problem.error ? "错误" : "提醒") + "：" + problem.message + "。" + problem.hint + "。");
      list.append(line);
    });
  }

  var tray = byId("tray");
  if (tray) {
    var waiting = [], taken = byId("taken"), button = byId("write"), update = byId("update");

    var show = function (name, answer) {
      var part = make("section", "", "taken"), problems = answer.problems || [];
      var hasErrors = problems.some(function (problem) { return problem.error; });
      part.append(make("h2", name));
      (answer.files || []).forEach(function (file) {
        part.append(make("p", file.summary ? "会写成草稿 " + file.draft + "（" + file.summary + "）。" :
          file.changes.length ? "会并入草稿 " + file.draft + "：" : "与现有的 " + file.draft + " 一样。"));
        if (file.changes.length) { part.append(make("pre", file.changes.join("\n"))); }
      });
      if (answer.refused) { part.append(make("p", answer.refused + "。", "note")); }
      var list = make("ul", "", "problems");
      showProblems(list, problems);
      part.append(list);
      taken.append(part);
      if (answer.number && !hasErrors) { waiting.push(answer.number); }
      button.hidden = waiting.length === 0;
    };

    var take = function (files) {
      Array.from(files).reduce(function (before, file) {
        return before.then(function () {
          var query = "tray?name=" + encodeURIComponent(file.name) + (update.checked ? "&update=1" : "");
          return send(query, file).then(function (answer) { show(file.name, answer); });
        });
      }, Promise.resolve());
    };

    byId("files").onchange = function (event) { take(event.target.files); };
    ["dragover", "drop"].forEach(function (kind) {
      document.addEventListener(kind, function (event) {
        event.preventDefault();
        tray.classList.toggle("over", kind === "dragover");
        if (kind === "drop") { take(event.dataTransfer.files); }
      });
    });
    button.onclick = function () {
      send("import", JSON.stringify({ numbers: waiting, update: update.checked })).then(function (answer) {
        waiting = [];
        taken.textContent = "";
        button.hidden = true;
        (answer.files || []).forEach(function (file) {
          taken.append(make("p", file.summary || file.changes.length ? "已写入 " + file.draft + "。" : file.draft + " 没有改动。"));
        });
        var list = make("ul", "", "problems");
        showProblems(list, answer.problems || []);
        taken.append(list);
        if (answer.refused) { taken.append(make("p", answer.refused + "。", "note")); }
      });
    };
  }

  // --- texts

  var text = byId("text");
  if (text) {
    var said = byId("said"), answers = byId("answers"), conflict = byId("conflict");
    var save = function () {
      send("save-text", JSON.stringify({ id: text.dataset.id, text: text.value, digest: text.dataset.digest })).then(function (answer) {
        answers.textContent = "";
        conflict.hidden = answer.conflict === undefined;
        if (answer.conflict !== undefined) {
          byId("theirs").textContent = answer.conflict;
          byId("overwrite").onclick = function () { text.dataset.digest = answer.digest; save(); };
          said.textContent = "没有保存：磁盘上的这份改过了，请先决定用哪一份。";
        } else if (answer.digest) {
          text.dataset.digest = answer.digest;
          report(false);
          said.textContent = "已保存。";
          showProblems(answers, answer.problems);
        } else { said.textContent = answer.refused + "。"; }
      });
    };
    text.oninput = function () { report(true); };
    byId("save-text").onclick = save;
    document.addEventListener("keydown", function (event) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
    });
    window.addEventListener("beforeunload", function (event) {
      if (isUnsaved) { event.preventDefault(); event.returnValue = ""; }
    });
  }
}());
