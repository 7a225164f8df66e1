// The editor of a branch's month: attendance as a grid, single lines below it. It knows choices, dates and demanded
// proofs from the table in the page; all else is said when what it saves is imported. No points are counted here.
(function () {
  "use strict";

  var table = JSON.parse(document.getElementById("month").textContent);
  var MARKS = table.marks; // 到, 假, 缺, 免
  var KEYS = { "1": 0, "2": 1, "3": 2, "4": 3, "d": 0, "j": 1, "q": 2, "m": 3 };
  var items = {};
  table.choices.forEach(function (item) { items[item.title] = item; });
  var activityItems = table.choices.filter(function (item) { return item.is_activity; });
  var desk = window.jifenbangDesk; // saves for a page of the desk; a form that stands alone makes a file to download
  var state, isSaved = true, focusAfter = null;

  // --- elements

  function make(name, properties, children) {
    var element = document.createElement(name);
    Object.keys(properties || {}).forEach(function (key) {
      if (key === "data" || key === "aria") {
        Object.keys(properties[key]).forEach(function (part) {
          element.setAttribute(key + "-" + part, properties[key][part]);
        });
      } else if (key.slice(0, 2) === "on") { element.addEventListener(key.slice(2), properties[key]); } else if (key in element) {
        element[key] = properties[key];
      } else { element.setAttribute(key, properties[key]); }
    });
    (children || []).forEach(function (child) {
      if (child) { element.append(child); }
    });
    return element;
  }

  function byId(id) { return document.getElementById(id); }

  function tell(text) { byId("said").textContent = text; }

  // --- the content

  function begin(saved) {
    state = {
      origin: saved ? saved.origin : table.origin,
      cover: Object.assign({}, table.cover, saved ? saved.cover : {}),
      members: saved ? saved.members : Object.keys(table.members).map(function (id) {
        return { key: "member:" + id, label: table.members[id] };
      }),
      activities: saved ? saved.activities : copyLines(table.activities),
      entries: saved ? saved.entries : copyLines(table.entries),
    };
    draw();
  }

  function copyLines(lines) {
    return lines.map(function (line) { return { key: line[0], cells: Object.assign({}, line[1]) }; });
  }

  function twoFigures(number) { return ("0" + number).slice(-2); }

  function clock() {
    var now = new Date();
    var day = [now.getFullYear(), twoFigures(now.getMonth() + 1), twoFigures(now.getDate())];
    return { day: day.join("-"), time: [now.getHours(), now.getMinutes(), now.getSeconds()].map(twoFigures).join(":") };
  }

  function content() {
    var now = clock();
    return JSON.stringify({
      jifenbang: "form",
      saved: now.day + "T" + now.time,
      origin: state.origin,
      cover: state.cover,
      members: state.members,
      activities: state.activities.map(withoutBlanks),
      entries: state.entries.map(withoutBlanks).filter(function (line) { return Object.keys(line.cells).length > 0; }),
    }, null, 1);
  }

  function withoutBlanks(line) {
    var cells = {};
    Object.keys(line.cells).forEach(function (key) {
      if (line.cells[key].trim()) { cells[key] = line.cells[key]; }
    });
    return { key: line.key, cells: cells };
  }

  function setSaved(value) {
    isSaved = value;
    if (desk) { desk.report(!value); }
  }

  function changed() {
    setSaved(false);
    keepInBrowser();
    check();
  }

  // --- fields

  function field(line, key, label, options) {
    var input = make(options.rows ? "textarea" : "input", Object.assign({
      value: line.cells[key] || "",
      autocomplete: "off",
      oninput: function () { line.cells[key] = input.value; changed(); },
    }, options));
    return named(input, key, label);
  }

  // One of some words; `blank` says what leaving it open means.
  function choice(line, key, label, words, onchange, blank) {
    var current = line.cells[key] || "";
    var known = words.indexOf(current) < 0 && current ? words.concat(current) : words;
    var options = [""].concat(known).map(function (word) {
      return make("option", { value: word, textContent: word || blank || "", selected: word === current });
    });
    var select = make("select", {
      onchange: function () {
        line.cells[key] = select.value;
        changed();
        if (onchange) { onchange(); }
      },
    }, options);
    return named(select, key, label);
  }

  function day(line, label) {
    var isPlain = /^(\d{4}-\d\d-\d\d)?$/.test(line.cells.date || "");
    // A day that was typed otherwise stays as it is until it is changed.
    return field(line, "date", label, isPlain ? { type: "date" } : { type: "text" });
  }

  function named(input, key, label) {
    input.dataset.field = key;
    input.setAttribute("aria-label", label);
    return input;
  }

  // --- the grid of attendance

  function drawActivities() {
    var lines = state.activities, head = make("tr", {}, [make("th", { scope: "col", textContent: "第几次" })]);
    lines.forEach(function (line, place) {
      head.append(make("th", { scope: "col" }, [
        "第 " + (place + 1) + " 次 ",
        make("button", { type: "button", className: "small", textContent: "删去", onclick: function () { removeLine(lines, place); },
          aria: { label: "删去第 " + (place + 1) + " 次活动" } }),
      ]));
    });
    var body = make("tbody");
    headRow(body, "项目", function (line, label) {
      return choice(line, "item", label, activityItems.map(function (item) { return item.title; }), draw);
    });
    headRow(body, "日期", day);
    headRow(body, "主题", function (line, label) { return field(line, "title", label, { rows: 2 }); });
    headRow(body, "空格算", function (line, label) { return choice(line, "is_roll", label, table.roll_words, drawMarks, "照项目"); });
    Object.keys(table.activity_kinds).forEach(function (kind) {
      headRow(body, table.activity_kinds[kind], function (line, label) {
        return field(line, "evidence:" + kind, label, { rows: 1, placeholder: demands(line, kind) ? "要附" : "" });
      });
    });
    headRow(body, "补登原因", function (line, label) { return field(line, "late", label, { rows: 1 }); });
    state.members.forEach(function (member, place) { body.append(memberRow(member, place)); });
    var grid = make("table", { id: "grid", onkeydown: moveOrMark }, [make("thead", {}, [head]), body]);
    replaceAll(byId("activities"), grid);
  }

  function replaceAll(place, child) {
    while (place.firstChild) { place.removeChild(place.firstChild); }
    place.append(child);
  }

  function headRow(body, title, makeField) {
    var row = make("tr", { className: "head" }, [make("th", { scope: "row", textContent: title })]);
    state.activities.forEach(function (line, place) {
      row.append(make("td", {}, [makeField(line, title + "，第 " + (place + 1) + " 次活动")]));
    });
    body.append(row);
  }

  function memberRow(member, place) {
    var name = member.key.slice(0, 7) === "member:" ? member.label : make("input", {
      value: member.label, aria: { label: "姓名" }, placeholder: "姓名", autocomplete: "off",
      oninput: function (event) { member.label = event.target.value; changed(); },
    });
    var row = make("tr", { className: "member" }, [make("th", { scope: "row" }, [name])]);
    state.activities.forEach(function (line, column) {
      row.append(make("td", {}, [make("button", {
        type: "button",
        className: "mark",
        tabIndex: place === 0 && column === 0 ? 0 : -1,
        data: { row: place, column: column },
        onclick: function (event) { cycle(line, member, event.currentTarget); },
      })]));
    });
    return row;
  }

  function isRoll(line) {
    var item = items[line.cells.item];
    return line.cells.is_roll ? line.cells.is_roll === table.roll_words[0] : Boolean(item && item.roll);
  }

  function drawMarks() {
    Array.from(document.querySelectorAll(".mark")).forEach(function (button) {
      showMark(button, state.activities[button.dataset.column], state.members[button.dataset.row]);
    });
  }

  function showMark(button, line, member) {
    var mark = line.cells[member.key] || "", blank = isRoll(line) ? MARKS[0] : "·";
    button.textContent = mark || blank;
    button.dataset.mark = mark;
    button.setAttribute("aria-label", (member.label || "新的一行") + "，第 " + (Number(button.dataset.column) + 1) + " 次活动：" +
      (mark || (isRoll(line) ? "空格，算到" : "空格，不计")));
  }

  function setMark(button, mark) {
    var line = state.activities[button.dataset.column], member = state.members[button.dataset.row];
    line.cells[member.key] = mark;
    showMark(button, line, member);
    changed();
  }

  function cycle(line, member, button) {
    var round = isRoll(line) ? ["", MARKS[1], MARKS[2], MARKS[3]] : ["", MARKS[0], MARKS[1], MARKS[2], MARKS[3]];
    setMark(button, round[(round.indexOf(line.cells[member.key] || "") + 1) % round.length]);
  }

  function moveOrMark(event) {
    var button = event.target, steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    if (!button.classList.contains("mark") || event.ctrlKey || event.altKey || event.metaKey) { return; }
    var step = steps[event.key], mark = KEYS[event.key.toLowerCase()];
    if (step) {
      var row = Number(button.dataset.row) + step[0], column = Number(button.dataset.column) + step[1];
      var next = document.querySelector('.mark[data-row="' + row + '"][data-column="' + column + '"]');
      if (next) { button.tabIndex = -1; next.tabIndex = 0; next.focus(); }
    } else if (mark !== undefined) {
      setMark(button, MARKS[mark]);
    } else if (event.key === "Delete" || event.key === "Backspace" || event.key === "0") {
      setMark(button, "");
    } else { return; }
    event.preventDefault();
  }

  // --- single lines

  function drawEntries() {
    var place = byId("entries");
    replaceAll(place, document.createDocumentFragment());
    state.entries.forEach(function (line, number) { place.append(entryFields(line, number)); });
  }

  function entryFields(line, number) {
    var item = items[line.cells.item], where = "，第 " + (number + 1) + " 条";
    var labels = state.members.map(function (member) { return member.label; }).filter(Boolean);
    var kinds = Object.keys(table.entry_kinds).filter(function (kind) {
      return demands(line, kind) || line.cells["evidence:" + kind];
    });
    var parts = [
      ["党员", choice(line, "member", "党员" + where, labels)],
      ["项目", choice(line, "item", "项目" + where, table.choices.map(function (one) { return one.title; }), draw)],
      (item && item.levels.length) || line.cells.level ? ["档次", choice(line, "level", "档次" + where, item ? item.levels : [])] : null,
      ["日期", day(line, "日期" + where)],
      ["次数", field(line, "times", "次数" + where, { inputMode: "numeric", placeholder: "1" })],
      ["备注", field(line, "note", "备注" + where, { rows: 1 })],
    ].concat(kinds.map(function (kind) {
      var title = table.entry_kinds[kind];
      return [title, field(line, "evidence:" + kind, title + where, { rows: 1, placeholder: demands(line, kind) ? "要附" : "" })];
    }), [["补登原因", field(line, "late", "补登原因" + where, { rows: 1 })]]);
    return make("fieldset", { className: "entry" }, [make("legend", { textContent: "第 " + (number + 1) + " 条" })].concat(
      parts.filter(Boolean).map(function (part) {
        return make("label", {}, [make("span", { textContent: part[0] }), part[1]]);
      }),
      [make("button", { type: "button", className: "small", textContent: "删去", aria: { label: "删去第 " + (number + 1) + " 条" },
        onclick: function () { removeLine(state.entries, number); } })]
    ));
  }

  function demands(line, kind) {
    var item = items[line.cells.item];
    return Boolean(item) && item.evidence.indexOf(kind) >= 0;
  }

  function removeLine(lines, place) {
    var isFilled = Object.keys(withoutBlanks(lines[place]).cells).length > 1;
    if (isFilled && !window.confirm("删去这一" + (lines === state.activities ? "次活动" : "条") + "？")) { return; }
    lines.splice(place, 1);
    changed();
    draw();
  }

  // --- what can be said without the program

  function check() {
    var faults = [];
    state.activities.forEach(function (line, place) {
      var filled = withoutBlanks(line).cells, isHeld = Object.keys(filled).some(function (key) { return key !== "item"; });
      if (isHeld) { checkLine(line, "第 " + (place + 1) + " 次活动", "#grid td:nth-child(" + (place + 2) + ")", faults, false); }
    });
    state.entries.forEach(function (line, place) {
      if (Object.keys(withoutBlanks(line).cells).length > 0) {
        checkLine(line, "第 " + (place + 1) + " 条", "#entries .entry:nth-child(" + (place + 1) + ")", faults, true);
      }
    });
    Object.keys(state.cover).forEach(function (key) {
      if (!state.cover[key].trim()) { faults.push(["请填" + table.cover_heads[key], '#cover [data-field="' + key + '"]']); }
    });
    show(faults);
  }

  function checkLine(line, name, place, faults, isEntry) {
    var item = items[line.cells.item], day = line.cells.date || "", month = table.origin.month;
    function add(text, key) { faults.push([name + text, place + ' [data-field="' + key + '"]']); }
    if (!line.cells.item) { add("没有选项目", "item"); }
    if (isEntry && !line.cells.member) { add("没有选党员", "member"); }
    if (isEntry && item && item.levels.length && !line.cells.level) { add("没有选档次", "level"); }
    if (!day) { add("没有填日期", "date"); } else if (day.slice(0, 7) > month) {
      add("的日期在" + month + "以后", "date");
    } else if (day.slice(0, 7) < month && !(line.cells.late || "").trim()) {
      add("的日期不在" + month + "，补登的请写补登原因", "late");
    }
    (item ? item.evidence : []).forEach(function (kind) {
      var title = table.activity_kinds[kind] || table.entry_kinds[kind] || kind;
      if (!(line.cells["evidence:" + kind] || "").trim()) { add("要附" + title, "evidence:" + kind); }
    });
  }

  function show(faults) {
    var list = byId("faults");
    replaceAll(list, document.createDocumentFragment());
    faults.forEach(function (fault) {
      list.append(make("li", {}, [make("button", {
        type: "button", className: "link", textContent: fault[0],
        onclick: function () {
          var input = document.querySelector(fault[1]);
          if (input) { input.focus(); }
        },
      })]));
    });
    byId("count").textContent = faults.length ? "还有 " + faults.length + " 处没有填好，可以先保存：" : "这一页能看出来的，都填好了；写成草稿时还会全面核对。";
    Array.from(document.querySelectorAll("[aria-invalid]")).forEach(function (input) { input.removeAttribute("aria-invalid"); });
    faults.forEach(function (fault) {
      var input = document.querySelector(fault[1]);
      if (input) { input.setAttribute("aria-invalid", "true"); }
    });
  }

  // --- saving: the file is the truth, what the browser keeps is a net for the unsaved

  function fileName() {
    var now = clock(), title = table.branch_name.replace(/[\\/:*?"<>|]/g, "");
    var time = now.day.replace(/-/g, "") + "-" + now.time.replace(/:/g, "");
    return [table.title, table.origin.month, title, time].join(" ") + ".json";
  }

  function download() {
    var name = fileName(), link = make("a", { download: name });
    link.href = URL.createObjectURL(new Blob([content()], { type: "application/json" }));
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
    saved("已保存为“" + name + "”，在浏览器的下载文件夹里。请把它交给经办人。");
  }

  function saveElsewhere() {
    var name = fileName(), text = content();
    window.showSaveFilePicker({ suggestedName: name, types: [{ description: "填报的内容", accept: { "application/json": [".json"] } }] })
      .then(function (file) {
        return file.createWritable().then(function (stream) {
          return stream.write(text).then(function () { return stream.close(); });
        }).then(function () { saved("已保存为“" + file.name + "”。请把它交给经办人。"); });
      })
      .catch(function (error) {
        if (error.name !== "AbortError") { download(); }
      });
  }

  function saved(text) {
    setSaved(true);
    forgetInBrowser();
    tell(text);
  }

  function save() {
    if (!desk) { download(); return; }
    tell("正在保存…");
    desk.save(content(), false).then(hear);
  }

  // What the desk answers: refused, changed by another hand, at fault, or saved.
  function hear(answer) {
    var hasErrors = (answer.problems || []).some(function (problem) { return problem.error; });
    byId("conflict").hidden = answer.conflict === undefined;
    if (answer.conflict !== undefined) {
      byId("theirs").textContent = answer.conflict;
      byId("merge").onclick = function () { desk.save(content(), true).then(hear); };
      byId("use-theirs").onclick = function () {
        download();
        table = answer.table;
        begin(null);
        byId("conflict").hidden = true;
      };
      tell("没有保存：磁盘上的这份改过了，请先决定用哪一份。");
      byId("conflict").scrollIntoView();
    } else if (answer.saved) {
      var field = document.activeElement && document.activeElement.getAttribute("aria-label");
      if (answer.table) {
        table = answer.table;
        focusAfter = field ? '[aria-label="' + CSS.escape(field) + '"]' : null;
        begin(null);
      }
      saved("已保存到 " + answer.files.map(function (file) { return file.draft; }).join("、") +
        (hasErrors ? "，是没填好的草稿：下面的错误改好以前不能审核。" : "。"));
    } else {
      tell(answer.refused ? answer.refused + "。" : hasErrors ? "没有保存：下面的照样写不进台账，请先改。填的都还在。" : "没有保存。");
    }
    showAnswers(answer.problems || []);
  }

  function showAnswers(problems) {
    var list = byId("answers");
    replaceAll(list, document.createDocumentFragment());
    var errorsFirst = problems.filter(function (problem) { return problem.error; })
      .concat(problems.filter(function (problem) { return !problem.error; }));
    errorsFirst.forEach(function (problem) {
      var place = problem.place.replace(/^这一页 ?/, "");
      var words = (place ? place + "：" : "") + problem.message + "。" + problem.hint + "。";
      list.append(make("li", { className: problem.error ? "error" : "warning" }, [make("button", {
        type: "button", className: "link", textContent: words,
        onclick: function () {
          var input = fieldAt(place);
          if (input) { input.focus(); }
        },
      })]));
      var input = fieldAt(place);
      if (input && problem.error) { input.setAttribute("aria-invalid", "true"); }
    });
  }

  // The field of a place such as “考勤 第 1 次活动 日期” or “逐条登记 第 2 条 党员”.
  function fieldAt(place) {
    var found = /第 (\d+) (次活动|条) (.+)$/.exec(place);
    if (!found) { return null; }
    var row = state.members.findIndex(function (member) { return member.label === found[3]; });
    if (found[2] === "次活动" && row >= 0) {
      return document.querySelector('.mark[data-row="' + row + '"][data-column="' + (found[1] - 1) + '"]');
    }
    return document.querySelector('[aria-label="' + CSS.escape(found[3] + "，第 " + found[1] + " " + found[2]) + '"]');
  }

  function openSaved(event) {
    var file = event.target.files[0], reader = new FileReader();
    if (!file) { return; }
    reader.onload = function () {
      var form = null;
      try { form = JSON.parse(reader.result); } catch (error) { form = null; }
      event.target.value = "";
      if (!form || form.jifenbang !== "form") { tell("“" + file.name + "”不是这一页保存的文件。"); return; }
      if (form.origin.organ !== table.origin.organ || form.origin.branch !== table.origin.branch || form.origin.month !== table.origin.month) {
        tell("“" + file.name + "”是 " + form.origin.branch + " " + form.origin.month + " 的，与这一页不同，没有读入。");
        return;
      }
      if (!isSaved && !window.confirm("现在填的还没有保存，换成文件里的内容？")) { return; }
      begin(form);
      setSaved(true);
      tell("已读入“" + file.name + "”，接着填。");
    };
    reader.readAsText(file);
  }

  var net = ["jifenbang-form", table.origin.organ, table.origin.branch, table.origin.month, table.origin.draft].join("/");

  // A database: from a page opened as a file, Chromium at times loses what localStorage holds when the page is loaded again.
  var database = new Promise(function (resolve, reject) {
    var request = window.indexedDB.open("jifenbang", 1);
    request.onupgradeneeded = function () { request.result.createObjectStore("forms"); };
    request.onsuccess = function () { resolve(request.result); };
    request.onerror = reject;
  });

  function inBrowser(act) {
    database.then(function (opened) {
      var transaction = opened.transaction("forms", "readwrite");
      act(transaction.objectStore("forms"));
      if (transaction.commit) { transaction.commit(); } // at once: the page may be closed the next moment
    }).catch(function () { /* a browser that keeps nothing */ });
  }

  function keepInBrowser() {
    var text = content();
    inBrowser(function (forms) { forms.put(text, net); });
  }

  function forgetInBrowser() {
    inBrowser(function (forms) { forms.delete(net); });
  }

  function offerUnsaved() {
    inBrowser(function (forms) {
      var request = forms.get(net);
      request.onsuccess = function () {
        if (request.result) { offer(request.result); }
      };
    });
  }

  function offer(text) {
    var form = JSON.parse(text), place = byId("offer");
    byId("offered").textContent = form.saved.replace("T", " ");
    place.hidden = false;
    byId("take").onclick = function () { begin(form); setSaved(false); place.hidden = true; };
    byId("drop").onclick = function () { forgetInBrowser(); place.hidden = true; };
  }

  // --- the page

  function draw() {
    drawCover();
    drawActivities();
    drawMarks();
    drawEntries();
    check();
    if (focusAfter) {
      var target = document.querySelector(focusAfter);
      focusAfter = null;
      if (target) { target.focus(); }
    }
  }

  function drawCover() {
    var place = byId("cover"), line = { cells: state.cover };
    replaceAll(place, document.createDocumentFragment());
    Object.keys(state.cover).forEach(function (key) {
      var title = table.cover_heads[key];
      place.append(make("label", {}, [make("span", { textContent: title }),
        key === "kind" ? choice(line, key, title, table.kinds) : field(line, key, title, {})]));
    });
  }

  byId("add-activity").onclick = function () {
    state.activities.push({ key: "", cells: {} });
    focusAfter = '#grid [aria-label="项目，第 ' + state.activities.length + ' 次活动"]';
    draw();
  };
  byId("add-member").onclick = function () {
    state.members.push({ key: "new:" + (state.members.length + 1), label: "" });
    focusAfter = "#grid .member:last-child input";
    draw();
  };
  byId("add-entry").onclick = function () {
    state.entries.push({ key: "", cells: {} });
    focusAfter = "#entries .entry:last-child [data-field=member]";
    draw();
  };
  byId("save").onclick = save;
  if (!desk) { byId("open").onchange = openSaved; }
  if (!desk && typeof window.showSaveFilePicker === "function") {
    byId("save-elsewhere").hidden = false;
    byId("save-elsewhere").onclick = saveElsewhere;
  }
  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") { event.preventDefault(); save(); }
  });
  window.addEventListener("beforeunload", function (event) {
    if (!isSaved) { event.preventDefault(); event.returnValue = ""; }
  });
  begin(null);
  offerUnsaved();
}());
