/* Sorting, filters, large type; every page is whole without. Search is in search.js. */
(function () {
  "use strict";

  /* --- large type: before anything is painted --- */

  var root = document.documentElement;

  function kept() {
    try { return localStorage.getItem("jifenbang.large") === "1"; } catch (refused) { return false; }
  }

  function keep(large) {
    try { localStorage.setItem("jifenbang.large", large ? "1" : "0"); } catch (refused) {}
  }

  root.classList.toggle("large", kept());

  function switchType(button) {
    function show() { button.setAttribute("aria-pressed", String(root.classList.contains("large"))); }
    button.addEventListener("click", function () {
      keep(root.classList.toggle("large"));
      show();
    });
    show();
    button.hidden = false;
  }

  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }

  function make(tag, name, text) {
    var made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  /* --- tables that can be sorted: up, down, as they were --- */

  function worth(row, column) {
    var cell = row.cells[column];
    var said = !cell ? "" : "v" in cell.dataset ? cell.dataset.v : cell.textContent;
    return said.trim().replace(/^−/, "-");
  }

  /* Figures by value and before words; empty cells last whichever way. */
  function compare(a, b, sign) {
    if (!a || !b) return a ? -1 : b ? 1 : 0;
    var x = Number(a), y = Number(b);
    if (!isNaN(x) && !isNaN(y)) return sign * (x - y);
    if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
    return sign * a.localeCompare(b, "zh");
  }

  function sortable(table) {
    var body = table.tBodies[0], original = Array.from(body.rows), sorted = original;
    var heads = Array.from(table.tHead.rows[table.tHead.rows.length - 1].cells);

    function put(rows) { rows.forEach(function (row) { body.appendChild(row); }); }

    function sort(head, column) {
      var was = head.getAttribute("aria-sort");
      var now = !was ? "ascending" : was === "ascending" ? "descending" : null;
      heads.forEach(function (one) { one.removeAttribute("aria-sort"); });
      sorted = original;
      if (now) {
        head.setAttribute("aria-sort", now);
        sorted = original.slice().sort(function (one, other) {
          return compare(worth(one, column), worth(other, column), now === "ascending" ? 1 : -1);
        });
      }
      put(sorted);
    }

    heads.forEach(function (head, column) {
      if (!head.textContent.trim() || "fixed" in head.dataset) return;
      var button = make("button", "sort");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () { sort(head, column); });
    });
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
    if (!rows.length) return;
    var said = make("p", "count");
    said.setAttribute("role", "status");
    form.appendChild(said);

    function passes(row) {
      return controls.every(function (one) {
        return !one.value || (row.dataset[one.name] || row.parentNode.dataset[one.name]) === one.value;
      });
    }

    function apply() {
      var shown = 0;
      rows.forEach(function (row) {
        row.hidden = !passes(row);
        shown += row.hidden ? 0 : 1;
      });
      all("tbody", place).forEach(function (body) {
        var own = rows.filter(function (row) { return row.parentNode === body; });
        body.hidden = own.length > 0 && own.every(function (row) { return row.hidden; });
      });
      said.textContent = shown === rows.length ? "" : "本页显示 " + shown + " 行，共 " + rows.length + " 行";
    }

    form.addEventListener("input", apply);
    form.addEventListener("change", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    /* A link leads to its row whatever is filtered. */
    window.addEventListener("hashchange", function () {
      var row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (rows.indexOf(row) < 0 || !row.hidden) return;
      form.reset();
      apply();
      row.scrollIntoView();
    });
    form.hidden = false;
    apply(); /* what the browser filled in again on coming back */
  }

  /* --- days left of what is open; what is over since the page was built goes --- */

  function countDays(line) {
    var parts = line.dataset.until.split("-").map(Number), now = new Date(), left = line.querySelector(".left");
    var days = Math.round((Date.UTC(parts[0], parts[1] - 1, parts[2]) -
      Date.UTC(now.getFullYear(), now.getMonth(), now.getDate())) / 864e5);
    left.textContent = days ? "还有 " + days + " 天" : "今天截止";
    left.hidden = false;
    line.hidden = days < 0;
    if (line.parentNode.querySelectorAll("[data-until]:not([hidden])").length === 0) line.parentNode.hidden = true;
  }

  document.addEventListener("DOMContentLoaded", function () {
    all("button.large").forEach(switchType);
    all("table.sortable").forEach(sortable);
    all("form.filters").forEach(filtered);
    all("[data-until]").forEach(countDays);
    all("[data-js]").forEach(function (it) { it.hidden = false; });
  });
}());
