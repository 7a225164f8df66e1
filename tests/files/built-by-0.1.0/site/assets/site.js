/* Search, sorting, filters, large type; every page is whole without. */
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
      if (!head.textContent.trim()) return;
      var button = make("button", "sort");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () { sort(head, column); });
    });
    window.addEventListener("beforeprint", function () { put(original); });
    window.addEventListener("afterprint", function () { put(sorted); });
  }

  /* --- filters: a control is named after the data of the rows --- */

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
      return controls.every(function (one) { return !one.value || row.dataset[one.name] === one.value; });
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
    form.hidden = false;
    apply(); /* what the browser filled in again on coming back */
  }

  /* --- search --- */

  var MOST = 50; /* results listed */
  var index = null, shards = {}, waiting = {};

  window.jifenbang = {
    index: function (branches, starts) { index = { branches: branches, starts: starts }; },
    shard: function (number, entries) { shards[number] = entries.map(prepared); }
  };

  /* As `fold` of the generator. */
  function fold(text) {
    return text.normalize("NFKD").toLowerCase().replace(/u\u0308/g, "v").replace(/[\u0300-\u036f\s·.'’-]/g, "");
  }

  function initials(words) { return words.map(function (one) { return Array.from(one)[0] || ""; }).join(""); }

  /* As `spellings` of the generator, those of the whole name apart. */
  function spellings(name, reading) {
    var letters = Array.from(fold(name)), parts = reading.split("·").map(fold);
    var words = reading.split(/[ ·]+/).map(fold).filter(Boolean);
    function from(list) {
      return list.map(function (_, start) { return list.slice(start).join(""); });
    }
    var whole = [letters.join(""), words.join(""), initials(words), initials(parts)];
    return [whole, from(letters).concat(from(words))];
  }

  function prepared(entry) {
    return { name: entry[0], aka: entry[1], reading: entry[2], branch: entry[3], target: entry[4],
      key: entry.join("\t"), spellings: spellings(entry[0], entry[2]) };
  }

  /* Calls back with whether the script could be loaded. */
  function load(url, done) {
    if (waiting[url]) { waiting[url].push(done); return; }
    waiting[url] = [done];
    var script = make("script");
    function end(fine) {
      waiting[url].splice(0).forEach(function (one) { one(fine); });
      delete waiting[url];
    }
    script.onload = function () { end(true); };
    script.onerror = function () { script.remove(); end(false); };
    script.src = url;
    document.head.appendChild(script);
  }

  /* The shards with spellings beginning with the query: from the last that starts before it. */
  function shardsOf(query) {
    var starts = index.starts, first = starts.findIndex(function (one) { return one >= query; });
    if (first < 0) first = starts.length;
    return Array.from(starts.keys()).filter(function (n) {
      return n === first - 1 || starts[n].startsWith(query);
    });
  }

  /* Members found, one more than are listed at most; loads no more shards than that takes. */
  function members(base, query, done) {
    var left = shardsOf(query), found = [], seen = {};
    function fits(list) { return list.some(function (one) { return one.startsWith(query); }); }
    function take(entry) {
      var place = entry.spellings.findIndex(fits);
      if (place < 0 || seen[entry.key]) return;
      seen[entry.key] = true;
      found.push({ entry: entry, place: place });
    }
    function before(a, b) { return a.place - b.place || (a.entry.reading < b.entry.reading ? -1 : 1); }
    function next(fine) {
      if (!fine) { done(null); return; }
      while (left.length && found.length <= MOST && shards[left[0]]) shards[left.shift()].forEach(take);
      if (left.length && found.length <= MOST) load(base + "search/" + left[0] + ".js", next);
      else done(found.sort(before).slice(0, MOST + 1).map(function (one) { return one.entry; }));
    }
    next(true);
  }

  function chord(event) { return event.isComposing || event.ctrlKey || event.altKey || event.metaKey; }

  function branches(query) {
    return index.branches.filter(function (one) { return one[1] && fold(one[0]).includes(query); });
  }

  function searching(box) {
    var input = box.querySelector("input"), panel = box.querySelector(".results");
    var list = box.querySelector("[role=listbox]"), said = box.querySelector("[role=status]");
    var base = box.dataset.index.replace(/search\/index\.js$/, "");
    var asked = "", answered = "", active = -1, going = false;

    function open(shown) {
      panel.hidden = !shown;
      input.setAttribute("aria-expanded", String(shown && list.childElementCount > 0));
      if (!shown) mark(-1);
    }

    function mark(place) {
      active = place;
      Array.from(list.children).forEach(function (one, n) { one.setAttribute("aria-selected", String(n === place)); });
      if (place < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", "found-" + place);
      list.children[place].scrollIntoView({ block: "nearest" });
    }

    function option(target, name, aka, beside) {
      var link = make("a", "", name);
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      link.id = "found-" + list.childElementCount;
      link.tabIndex = -1;
      link.href = base + target;
      if (aka) link.appendChild(make("span", "", "（" + aka + "）"));
      if (beside) link.appendChild(make("small", "", " " + beside));
      list.appendChild(link);
    }

    function show(people, places) {
      answered = asked;
      places.forEach(function (one) { option(one[1], one[0]); });
      people.slice(0, MOST).forEach(function (one) {
        option(one.target, one.name, one.aka, index.branches[one.branch][0]);
      });
      var many = people.length > MOST, count = list.childElementCount;
      tell(many ? "只列出前 " + MOST + " 人，请接着输入" : count ? "找到 " + count + " 个" : "没有找到");
      if (going && list.firstChild) list.firstChild.click();
      going = false;
    }

    function tell(text) {
      said.textContent = text;
      open(true);
      mark(-1);
    }

    function ask() {
      var query = asked = fold(input.value);
      if (!query) { said.textContent = ""; open(false); return; }
      function found(people) {
        if (query !== asked) return;
        list.textContent = "";
        if (people) show(people, branches(query));
        else tell("查找用的文件打不开");
      }
      if (index) members(base, query, found);
      else load(base + "search/index.js", function (fine) { if (fine) members(base, query, found); else found(null); });
    }

    function step(by) {
      var count = list.childElementCount;
      if (panel.hidden) ask();
      else if (count) mark(active < 0 && by < 0 ? count - 1 : (active + by + count) % count);
    }

    var keys = {
      ArrowDown: function () { step(1); },
      ArrowUp: function () { step(-1); },
      Enter: function () {
        if (panel.hidden || answered !== asked) { going = true; ask(); }
        else if (list.firstChild) list.children[Math.max(active, 0)].click();
      },
      Escape: function () {
        if (panel.hidden) input.value = "";
        going = false;
        open(false);
      }
    };

    input.addEventListener("keydown", function (event) {
      if (chord(event) || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    input.addEventListener("input", function () { going = false; ask(); });
    input.addEventListener("focus", function () { if (!index) load(base + "search/index.js", function () {}); });
    box.addEventListener("focusout", function (event) { if (!box.contains(event.relatedTarget)) open(false); });
    document.addEventListener("keydown", function (event) {
      var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key !== "/" || typing || chord(event)) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
    box.hidden = false;
  }

  document.addEventListener("DOMContentLoaded", function () {
    all("button.large").forEach(switchType);
    all("table.sortable").forEach(sortable);
    all("form.filters").forEach(filtered);
    all(".search").forEach(searching);
    all("[data-js]").forEach(function (it) { it.hidden = false; });
  });
}());
