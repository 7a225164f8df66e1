/* Large type, light and dark, sorting, filters, links to a view; every page is whole without. Search is in search.js. */
(function () {
  "use strict";

  var root = document.documentElement;

  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }

  function make(tag, name, text) {
    var element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  }

  /* --- type and light as the reader wants them: before anything is painted --- */

  var SETTINGS = {
    large: { named: "字号", steps: ["标准", "大字", "特大"] },
    light: { named: "明暗", steps: ["自动", "深色", "浅色"] }
  };

  var chosen = {}; /* where nothing can be kept: for this page */

  function step(name) {
    try { return Number(localStorage.getItem("jifenbang." + name)) % 3 || 0; } catch (refused) { return chosen[name] || 0; }
  }

  function choose(name, number) {
    chosen[name] = number;
    try { localStorage.setItem("jifenbang." + name, number); } catch (refused) {}
  }

  function apply() {
    var large = step("large"), light = step("light"), scheme = document.querySelector("meta[name=color-scheme]");
    var classes = { js: true, large: large > 0, huge: large > 1, dark: light === 1, light: light === 2 };
    Object.keys(classes).forEach(function (name) { root.classList.toggle(name, classes[name]); });
    if (scheme) scheme.content = ["light dark", "dark", "light"][light];
  }

  apply();

  /* A button says what pressing it brings: first, what the page is not. */
  function switching(button) {
    var name = button.dataset.setting, setting = SETTINGS[name];
    function next() {
      var isDark = name === "light" && window.matchMedia("(prefers-color-scheme: dark)").matches;
      return (isDark ? [2, 0, 1] : [1, 2, 0])[step(name)];
    }
    function show() {
      button.textContent = setting.steps[next()];
      button.title = setting.named + "改为" + button.textContent + "，现在是" + setting.steps[step(name)];
      button.setAttribute("aria-label", button.title);
    }
    button.addEventListener("click", function () {
      choose(name, next());
      apply();
      show();
    });
    show();
  }

  /* --- the view of a page, in its address after #, which is never sent: a row, then what is chosen, as in
     #row-zhou-min&branch=first&sort=points --- */

  var view = {}, viewers = [];

  function readView() {
    view = {};
    location.hash.slice(1).split("&").forEach(function (part, place) {
      var pair = part.split("=");
      try {
        if (pair.length === 2) view[pair[0]] = decodeURIComponent(pair[1]);
        else if (!place) view.row = decodeURIComponent(part);
      } catch (malformed) {}
    });
    /* Links copied from a site of an earlier version lack row-. */
    if (view.row && document.getElementById("row-" + view.row)) view.row = "row-" + view.row;
  }

  function viewAddress(row) {
    var chosenHere = Object.keys(view).filter(function (name) { return name !== "row" && view[name]; });
    var parts = chosenHere.map(function (name) { return name + "=" + encodeURIComponent(view[name]); });
    return (row ? [encodeURIComponent(row)] : []).concat(parts).join("&");
  }

  function writeView() {
    var after = viewAddress(view.row);
    try { history.replaceState(null, "", location.href.split("#")[0] + (after ? "#" + after : "")); } catch (refused) {}
    all(".pager a").forEach(function (link) { link.hash = viewAddress(); });
  }

  function change(values) {
    Object.assign(view, values);
    writeView();
  }

  function showView() {
    viewers.forEach(function (show) { show(); });
    all("tr.here").forEach(function (row) { row.classList.remove("here"); });
    var row = view.row && document.getElementById(view.row);
    if (!row || row.tagName !== "TR") return;
    row.classList.add("here");
    if (location.hash !== "#" + row.id) row.scrollIntoView({ block: "center" }); /* else the browser has found it */
  }

  /* An anchor of the page that is no row leaves the view as it is. */
  function followAddress() {
    var target = document.getElementById(location.hash.slice(1));
    if (target && target.tagName !== "TR") { writeView(); return; }
    readView();
    showView();
  }

  /* --- tables that can be sorted: figures from the highest, words in their order; pressed again, as they were --- */

  function worth(row, column) {
    var cell = row.cells[column], data = cell ? cell.dataset : {};
    var words = !cell ? "" : "order" in data ? data.order : "v" in data ? data.v : cell.textContent;
    return words.trim().replace(/^−/, "-");
  }

  /* Figures by value and before words; empty cells last whichever way. */
  function compare(a, b, sign) {
    if (!a || !b) return a ? -1 : b ? 1 : 0;
    var x = Number(a), y = Number(b);
    if (!isNaN(x) && !isNaN(y)) return sign * (x - y);
    if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    return a.localeCompare(b, "zh");
  }

  function sortable(table) {
    var body = table.tBodies[0], original = Array.from(body.rows), sorted = original;
    var heads = Array.from(table.tHead.rows[table.tHead.rows.length - 1].cells);

    function put(rows) { rows.forEach(function (row) { body.appendChild(row); }); }

    function isPlace(column) {
      return original.some(function (row) {
        var cell = row.cells[column];
        return cell && ("order" in cell.dataset || "rank" in cell.dataset);
      });
    }

    function show() {
      var column = heads.findIndex(function (head) { return view.sort && head.dataset.sort === view.sort; });
      var sign = column >= 0 && isPlace(column) ? 1 : -1;
      heads.forEach(function (head) { head.removeAttribute("aria-sort"); });
      sorted = column < 0 ? original : original.slice().sort(function (one, other) {
        return compare(worth(one, column), worth(other, column), sign);
      });
      if (column >= 0) heads[column].setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
      put(sorted);
    }

    heads.forEach(function (head) {
      if (!head.dataset.sort) return;
      var button = make("button", "sort");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      head.addEventListener("click", function () {
        change({ sort: view.sort === head.dataset.sort ? "" : head.dataset.sort });
        show();
      });
    });
    viewers.push(show);
    window.addEventListener("beforeprint", function () { put(original); });
    window.addEventListener("afterprint", function () { put(sorted); });
  }

  /* --- filters: a control is named after the data of the rows or of their group --- */

  function filtered(form) {
    var place = document.getElementById(form.dataset.filters);
    var controls = Array.from(form.elements).filter(function (one) { return one.name; });
    var rows = place ? all("tr", place).filter(function (row) {
      return controls.some(function (one) { return one.name in row.dataset; });
    }) : [];
    form.hidden = !rows.length;
    if (!rows.length) return;
    var status = make("p", "count");
    status.setAttribute("role", "status");
    form.appendChild(status);

    function passes(row) {
      return controls.every(function (one) {
        return !one.value || (row.dataset[one.name] || row.parentNode.dataset[one.name]) === one.value;
      });
    }

    function filter() {
      var shown = 0;
      rows.forEach(function (row) {
        row.hidden = !passes(row);
        shown += row.hidden ? 0 : 1;
      });
      all("tbody", place).forEach(function (body) {
        var own = rows.filter(function (row) { return row.parentNode === body; });
        body.hidden = own.length > 0 && own.every(function (row) { return row.hidden; });
      });
      status.textContent = shown === rows.length ? "" : "本页显示 " + shown + " 行，共 " + rows.length + " 行";
    }

    function choice() {
      var values = {};
      controls.forEach(function (one) { values[one.name] = one.value; });
      change(values);
      filter();
    }

    viewers.push(function () {
      controls.forEach(function (one) {
        one.value = view[one.name] || "";
        if (one.selectedIndex < 0) one.value = "";
      });
      filter();
    });
    form.addEventListener("input", choice);
    form.addEventListener("change", choice);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
  }

  /* --- printing, and a link to the view: where there is no clipboard, the address to copy by hand --- */

  function copying(button) {
    var status = button.parentNode.querySelector("[role=status]"), field;

    function clear() {
      if (field) field.remove();
      field = null;
    }

    function byHand() {
      var copied = false;
      field = make("input", "address");
      field.readOnly = true;
      field.setAttribute("aria-label", "本页链接");
      field.value = location.href;
      button.parentNode.appendChild(field);
      field.select();
      try { copied = document.execCommand("copy"); } catch (refused) {}
      if (copied) {
        clear();
        button.focus();
      }
      status.textContent = copied ? "链接已复制" : "请按 Ctrl+C 复制";
    }

    button.addEventListener("click", function () {
      clear();
      if (!navigator.clipboard) { byHand(); return; }
      navigator.clipboard.writeText(location.href).then(function () { status.textContent = "链接已复制"; }, byHand);
    });
  }

  /* --- days left of what is open; what is over since the page was built goes --- */

  function countDays(line) {
    var parts = line.dataset.until.split("-").map(Number), now = new Date(), left = line.querySelector(".left");
    var days = Math.round((Date.UTC(parts[0], parts[1] - 1, parts[2]) -
      Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / 864e5);
    left.textContent = days ? "还有 " + days + " 天" : "今天截止";
    line.hidden = days < 0;
    if (line.parentNode.querySelectorAll("[data-until]:not([hidden])").length === 0) line.parentNode.hidden = true;
  }

  document.addEventListener("DOMContentLoaded", function () {
    all("[data-setting]").forEach(switching);
    all("table.sortable").forEach(sortable);
    all("form.filters").forEach(filtered);
    all("[data-until]").forEach(countDays);
    all("[data-do=copy]").forEach(copying);
    all("[data-do=print]").forEach(function (button) { button.addEventListener("click", function () { window.print(); }); });
    readView();
    showView();
    writeView();
    window.addEventListener("hashchange", followAddress);
  });
}());
