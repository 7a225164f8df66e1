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

  // Let files be dropped on a target, and show on their tray that they may be.
  function acceptDrops(target, tray, takeFiles) {
    ["dragover", "dragleave", "drop"].forEach(function (kind) {
      target.addEventListener(kind, function (event) {
        event.preventDefault();
        event.stopPropagation();
        tray.classList.toggle("over", kind === "dragover");
        if (kind === "drop") { takeFiles(event.dataTransfer.files); }
      });
    });
  }

  function report(unsaved) {
    isUnsaved = unsaved;
    if (socket.readyState === 1) { socket.send(unsaved ? "unsaved" : "saved"); }
  }

  // The number of problems stays in sight, and true, on a page that isn't loaded anew.
  function showCounts(counts) {
    var link = byId("counts");
    link.className = counts.errors ? "errors" : counts.all ? "warnings" : "";
    link.textContent = counts.errors ? counts.errors + " 处错误" : counts.all ? counts.all + " 处提醒" : "没有问题";
  }

  function send(path, body) {
    return fetch(root + path, { method: "POST", body: body }).then(function (answer) {
      if (!answer.ok) { throw new Error(String(answer.status)); }
      return answer.json();
    }).then(function (answer) {
      if (answer.counts) { showCounts(answer.counts); }
      return answer;
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
        return send(path + (merges ? "?merge=1" : ""), content).then(function (answer) {
          var offer = byId("nothing-corrected");
          if (offer) {
            offer.hidden = !(answer.problems || []).some(function (problem) {
              return problem.error && problem.code === "correction.empty";
            });
          }
          return answer;
        });
      },
    };
  }

  window.addEventListener("pagehide", function () {
    if (!isUnsaved && socket) { socket.close(); }
  });
  connect();

  // --- acts: one press, and a word that it is under way

  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter || form.querySelector("button:not([type=button])");
    if (form.method !== "post") { return; }
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    button.setAttribute("aria-disabled", "true");
    var note = make("p", "正在办…", "note under-way"), begun = Date.now();
    note.setAttribute("role", "status");
    form.after(note);
    var timer = window.setInterval(function () {
      if (!note.isConnected) { window.clearInterval(timer); }
      fetch(root + "-/progress").then(function (answer) { return answer.text(); }).then(function (progress) {
        note.textContent = "正在办，已经 " + Math.round((Date.now() - begun) / 1000) + " 秒" +
          (progress ? "：" + progress : "") + "。请等这一页换掉，不要关闭。";
      }).catch(function () { /* said above the page */ });
    }, 1000);
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) { return; }
    // The page is back with what was typed, and its buttons serve again.
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach(function (button) { button.removeAttribute("aria-disabled"); });
    });
    document.querySelectorAll(".under-way").forEach(function (note) { note.remove(); });
  });

  // --- the table of months by arrow keys

  var months = document.querySelector(".months");
  if (months) {
    months.addEventListener("keydown", function (event) {
      var step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      var cell = event.target.closest("td");
      if (!step || !cell || event.altKey || event.ctrlKey) { return; }
      event.preventDefault();
      var row = cell.parentElement, place = cell.cellIndex, link = null;
      do {
        row = step[0] < 0 ? row.previousElementSibling : step[0] > 0 ? row.nextElementSibling : row;
        place += step[1];
        if (!row || !row.cells[place]) { return; }
        link = row.cells[place].querySelector("a");
      } while (!link);
      link.focus();
    });
  }

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
    var waiting = [], taken = byId("taken"), button = byId("write"), how = byId("how");

    var showTables = function (part, tables) {
      tables.forEach(function (table) {
        part.append(make("p", "头几行这样读："));
        part.append(make("pre", table.samples.join("\n")));
        if (table.unread.length) { part.append(make("p", "没有读、也没有存的：" + table.unread.join("、") + "。")); }
      });
    };

    var show = function (file, answer) {
      var part = make("section", "", "taken"), problems = answer.problems || [];
      var hasErrors = problems.some(function (problem) { return problem.error; });
      part.append(make("h2", file.name));
      showTables(part, answer.tables || []);
      (answer.files || []).forEach(function (draft) {
        part.append(make("p", draft.summary ? "会写成草稿 " + draft.draft + "（" + draft.summary + "）。" :
          draft.changes.length ? "会并入草稿 " + draft.draft + "：" : "与现有的 " + draft.draft + " 一样。"));
        if (draft.changes.length) { part.append(make("pre", draft.changes.join("\n"))); }
      });
      if (answer.refused) { part.append(make("p", answer.refused + "。", "note")); }
      var list = make("ul", "", "problems");
      showProblems(list, problems);
      part.append(list);
      taken.append(part);
      waiting.push({ file: file, number: answer.number, sound: !hasErrors && !answer.refused });
      button.hidden = !waiting.some(function (one) { return one.sound; });
    };

    var take = function (files) {
      return files.reduce(function (before, entry) {
        return before.then(function () {
          var query = new URLSearchParams(new FormData(how));
          query.set("name", entry.file.name);
          if (entry.number) { query.set("instead", entry.number); }
          return send("tray?" + query, entry.file).then(function (answer) { show(entry.file, answer); });
        });
      }, Promise.resolve());
    };

    var takeNew = function (files) {
      take(Array.from(files).map(function (file) { return { file: file }; }));
    };

    var showFields = function () {
      how.querySelectorAll("[data-kind]").forEach(function (part) {
        part.hidden = part.dataset.kind !== how.elements.kind.value;
      });
    };

    how.onsubmit = function (event) { event.preventDefault(); };
    how.onchange = function () {
      var again = waiting;
      waiting = [];
      taken.textContent = "";
      button.hidden = true;
      showFields();
      take(again);
    };
    showFields();
    byId("files").onchange = function (event) { takeNew(event.target.files); };
    acceptDrops(document, tray, takeNew);
    button.onclick = function () {
      var numbers = waiting.filter(function (one) { return one.sound; }).map(function (one) { return one.number; });
      button.disabled = true;
      send("import", JSON.stringify({ numbers: numbers, fields: Object.fromEntries(new FormData(how)) })).then(function (answer) {
        button.disabled = false;
        if (answer.refused) {
          taken.prepend(make("p", answer.refused + "。", "note"));
          return;
        }
        waiting = [];
        taken.textContent = "";
        button.hidden = true;
        (answer.files || []).forEach(function (file) {
          taken.append(make("p", file.summary || file.changes.length ? "已写入 " + file.draft + "。" : file.draft + " 没有改动。"));
        });
        var list = make("ul", "", "problems");
        showProblems(list, answer.problems || []);
        taken.append(list);
        if (answer.command) { taken.append(make("p", "同样的命令："), make("code", answer.command)); }
      });
    };
  }

  // --- a table of members: it is handed in first, and then named by its number

  var membersCard = byId("members-card");
  if (membersCard) {
    var membersForm = membersCard.querySelector("form"), membersFile = membersForm.querySelector("[type=file]");
    membersFile.onchange = function () {
      membersForm.elements.file.value = "";
      if (!membersFile.files.length) { return; }
      send("tray?kind=members&name=" + encodeURIComponent(membersFile.files[0].name), membersFile.files[0]).then(function (answer) {
        membersForm.elements.file.value = answer.number || "";
        membersFile.setCustomValidity(answer.refused || "");
      });
    };
  }

  // --- answers of signers

  var answerTray = byId("answer");
  if (answerTray) {
    var takeAnswer = function (files) {
      if (!files.length) { return; }
      byId("answer-status").textContent = "正在核对……";
      send("answer?name=" + encodeURIComponent(files[0].name), files[0]).then(function (answer) {
        if (answer.done) { location.assign(root + answer.done); } else { byId("answer-status").textContent = answer.refused + "。"; }
      });
    };
    byId("answer-file").onchange = function (event) { takeAnswer(event.target.files); };
    acceptDrops(answerTray, answerTray, takeAnswer);
  }

  // --- what is edited here: a text, or the form of a ballot

  // What isn't saved is left in the browser, too, until it is: the window may be closed by accident.
  // `read` returns what is typed as a text, and `write` puts it back; `path` is where it is sent, `name` how it is called.
  function keepInput(element, path, name, read, write, showAnswer) {
    var net = "jifenbang-" + name + "/" + element.dataset.id, offer = byId("offer"), begun = read();
    var said = byId("said"), answers = byId("answers"), conflict = byId("conflict");
    var noteInBrowser = function (value) {
      try {
        if (value === null) { window.localStorage.removeItem(net); } else { window.localStorage.setItem(net, value); }
      } catch (error) { /* a browser that stores nothing */ }
    };
    var readInBrowser = function () {
      try { return window.localStorage.getItem(net); } catch (error) { return null; }
    };
    var note = function () {
      report(true);
      noteInBrowser(read());
    };
    var save = function () {
      var body = { id: element.dataset.id, digest: element.dataset.digest };
      body[name] = name === "cells" ? JSON.parse(read()) : read();
      return send(path, JSON.stringify(body)).then(function (answer) {
        answers.textContent = "";
        conflict.hidden = answer.conflict === undefined;
        if (answer.conflict !== undefined) {
          byId("theirs").textContent = answer.conflict;
          byId("overwrite").onclick = function () { element.dataset.digest = answer.digest; save(); };
          said.textContent = "没有保存：磁盘上的这份改过了，请先决定用哪一份。";
          return;
        }
        if (answer.digest) {
          element.dataset.digest = answer.digest;
          report(false);
          noteInBrowser(null);
          said.textContent = "已保存。";
        } else {
          said.textContent = answer.refused ? answer.refused + "。" : "没有保存：请先改正标出的错误。填的都还在。";
        }
        showAnswer(answer, answers);
      });
    };
    if (readInBrowser() !== null && readInBrowser() !== begun) {
      offer.hidden = false;
      byId("take").onclick = function () { write(readInBrowser()); note(); offer.hidden = true; };
      byId("drop").onclick = function () { noteInBrowser(null); offer.hidden = true; };
    }
    element.addEventListener("input", note);
    document.addEventListener("keydown", function (event) {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
    });
    window.addEventListener("beforeunload", function (event) {
      if (isUnsaved) { event.preventDefault(); event.returnValue = ""; }
    });
    return { note: note, save: save };
  }

  var ballot = byId("ballot");
  if (ballot) {
    var body = ballot.querySelector("tbody");
    var listInputs = function () { return Array.from(ballot.querySelectorAll("input")); };

    var addLine = function () {
      var line = body.rows[body.rows.length - 1].cloneNode(true), number = body.rows.length;
      line.cells[0].textContent = number + 1;
      line.querySelectorAll("input").forEach(function (input) {
        input.name = input.name.replace(/[0-9]+/, number);
        input.setAttribute("aria-label", input.getAttribute("aria-label").replace(/[0-9]+/, number + 1));
        input.value = "";
      });
      body.append(line);
      clearFault(line);
      return line;
    };

    var clearFault = function (part) {
      part.querySelectorAll(".fault").forEach(function (fault) { fault.remove(); });
      part.querySelectorAll("[aria-invalid]").forEach(function (input) {
        input.removeAttribute("aria-invalid");
        input.removeAttribute("aria-describedby");
      });
    };

    // A problem stands beside its cell; one of no cell below the table.
    var showFaults = function (answer, answers) {
      var isFirst = true, rest = [];
      clearFault(ballot);
      if (byId("standing")) { byId("standing").remove(); }
      (answer.problems || []).forEach(function (problem, index) {
        var input = problem.cell ? ballot.elements.namedItem(problem.cell) : null;
        if (!input) {
          rest.push(problem);
          return;
        }
        var fault = make("p", (problem.error ? "错误：" : "提醒：") + problem.message + "。" + problem.hint + "。", problem.error ? "fault" : "fault mild");
        fault.id = "fault-" + index;
        input.after(fault);
        input.setAttribute("aria-describedby", fault.id);
        if (!problem.error) { return; }
        input.setAttribute("aria-invalid", "true");
        if (isFirst) { input.focus(); }
        isFirst = false;
      });
      showProblems(answers, rest);
      if (answer.moved) { location.reload(); }
    };

    var ballotInput = keepInput(ballot, "save-ballot", "cells", function () {
      return JSON.stringify(Object.fromEntries(listInputs().map(function (input) { return [input.name, input.value]; })));
    }, function (typed) {
      Object.entries(JSON.parse(typed)).forEach(function (entry) {
        while (/^honour/.test(entry[0]) && !ballot.elements.namedItem(entry[0])) { addLine(); }
        var input = ballot.elements.namedItem(entry[0]);
        if (input) { input.value = entry[1]; }
      });
    }, showFaults);
    byId("save-form").onclick = ballotInput.save;
    if (byId("add-line")) {
      byId("add-line").onclick = function () { addLine().querySelector("input").focus(); };
    }
    ballot.addEventListener("keydown", function (event) {
      var row = event.target.closest("tr"), step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
      if (event.target.tagName !== "INPUT" || !step || event.isComposing) { return; }
      event.preventDefault();
      var next = row && body.rows[row.sectionRowIndex + step];
      if (next) { next.cells[event.target.closest("td").cellIndex].querySelector("input").focus(); }
    });
  }

  var text = byId("text");
  if (text) {
    var said = byId("said");
    var textInput = keepInput(text, "save-text", "text", function () { return text.value; }, function (typed) {
      text.value = typed;
    }, function (answer, answers) { showProblems(answers, answer.problems || []); });
    byId("save-text").onclick = textInput.save;

    var attachments = byId("attachments"), attach = byId("attach");
    var add = function (files) {
      Array.from(files).reduce(function (before, file) {
        return before.then(function () {
          return send("attach/" + text.dataset.id + "?name=" + encodeURIComponent(file.name), file);
        }).then(function (answer) {
          if (answer.refused) {
            said.textContent = answer.refused + "。";
            return;
          }
          text.setRangeText(answer.link + "\n", text.selectionEnd, text.selectionEnd, "end");
          textInput.note();
          said.textContent = "已放好 " + answer.name + "，链接写进了文章，请保存。";
        });
      }, Promise.resolve());
    };
    if (attachments) {
      attachments.onchange = function (event) { add(event.target.files); };
      acceptDrops(document, attach, add);
    }
  }
}());
