/* Search: members by name, pinyin or initials, and pages by title; what is found is opened by a press or by Enter. */
(function () {
  "use strict";

  var MOST = 50; /* results listed */
  var BUDGET = 16; /* shards of 8 KB loaded by one page: with the index less than 200 KB */
  var NEARBY = 4; /* shards loaded to look for names that differ in one character */
  var PAUSE = 120; /* milliseconds without a key before shards are loaded */
  var DIRECTORY = "目录";
  var index = null, shards = {}, waiting = {}, loads = 0;

  window.jifenbang = {
    index: function (places, starts, forms) {
      var simple = {}, pairs = Array.from(forms);
      for (var n = 0; n < pairs.length; n += 2) simple[pairs[n + 1]] = pairs[n];
      index = { places: [], starts: starts, simple: simple };
      index.places = places.map(function (one) {
        var words = one[3].split(" ").map(fold).filter(Boolean);
        return { title: one[0], target: one[1], beside: one[2], letters: Array.from(fold(one[0])),
          numerals: Array.from(numerals(fold(one[0]))), words: words };
      });
    },
    shard: function (number, entries) { shards[number] = entries.map(prepared); }
  };

  function make(tag, name, text) {
    var element = document.createElement(tag);
    if (name) element.className = name;
    if (text) element.textContent = text;
    return element;
  }

  /* As `normalize_text` of the generator, in simplified characters. */
  function fold(text) {
    var plain = text.normalize("NFKD").toLowerCase().replace(/u\u0308/g, "v").replace(/[\u0300-\u036f\s·.'’-]/g, "");
    return Array.from(plain, function (one) { return index && index.simple[one] || one; }).join("");
  }

  /* 第2 as 第二, 12月 as 十二月; years stay. */
  function numerals(text) {
    return text.replace(/\d+/g, function (digits) {
      var number = Number(digits), ten = Math.floor(number / 10);
      if (digits.length > 2 || !number) return digits;
      return (ten > 1 ? "零一二三四五六七八九"[ten] : "") + (ten ? "十" : "") + (number % 10 ? "零一二三四五六七八九"[number % 10] : "");
    });
  }

  function initials(words) { return words.map(function (one) { return Array.from(one)[0] || ""; }).join(""); }

  /* As `derive_spellings` of the generator: those of the whole name, those of its parts, those of other readings. */
  function spellings(name, readings) {
    var letters = Array.from(fold(name));
    function from(list) { return list.map(function (_, start) { return list.slice(start).join(""); }); }
    var spelt = readings.map(function (reading) {
      var words = reading.split(/[ ·]+/).map(fold).filter(Boolean);
      return [[words.join(""), initials(words), initials(reading.split("·").map(fold))], from(words)];
    });
    var others = spelt.slice(1).reduce(function (list, one) { return list.concat(one[0], one[1]); }, []);
    return [[letters.join("")].concat(spelt[0][0]), from(letters).concat(spelt[0][1]), others];
  }

  function prepared(entry) {
    return { name: entry[5] || entry[0], aka: entry[1], reading: entry[2][0], branch: entry[3], target: entry[4],
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

  /* Loads shards in turn as long as `more` says so, and calls back with whether all is well. */
  function loadShards(base, numbers, more, done) {
    var left = numbers.slice();
    function next(fine) {
      while (fine && left.length && more() && shards[left[0]]) left.shift();
      if (!fine || !left.length || !more()) { done(fine); return; }
      if (loads >= BUDGET) { done(false); return; }
      loads += 1;
      load(base + "search/" + left[0] + ".js", next);
    }
    next(true);
  }

  function loaded(numbers) {
    return numbers.reduce(function (list, n) { return list.concat(shards[n] || []); }, []);
  }

  /* Those of the entries that `place` gives a place from 0, each once, by place and reading. */
  function ranked(entries, place) {
    var seen = {}, hits = [];
    entries.forEach(function (entry) {
      var at = seen[entry.key] ? -1 : place(entry);
      if (at < 0) return;
      seen[entry.key] = true;
      hits.push({ entry: entry, place: at });
    });
    hits.sort(function (a, b) { return a.place - b.place || (a.entry.reading < b.entry.reading ? -1 : 1); });
    return hits.map(function (one) { return one.entry; });
  }

  /* Members found, one more than are listed at most; loads no more shards than that takes. */
  function members(base, query, done) {
    var numbers = shardsOf(query);
    function fits(list) { return list.some(function (one) { return one.startsWith(query); }); }
    function hits() { return ranked(loaded(numbers), function (entry) { return entry.spellings.findIndex(fits); }); }
    loadShards(base, numbers, function () { return hits().length <= MOST; }, function (fine) {
      done(fine ? hits().slice(0, MOST + 1) : null);
    });
  }

  /* Whether one character more, less or other makes one text of the other. */
  function isNear(one, other) {
    var short = one.length < other.length ? one : other, long = short === one ? other : one, same = 0;
    if (long.length - short.length > 1 || one === other) return false;
    while (same < short.length && short[same] === long[same]) same += 1;
    return long.slice(same + 1) === short.slice(long.length > short.length ? same : same + 1);
  }

  /* Members whose name differs from the query in one character. */
  function neighbours(base, query, done) {
    var half = Math.ceil(query.length / 2), numbers = [];
    if (query.length < (/^[a-z]+$/.test(query) ? 4 : 2)) { done([]); return; }
    [query.slice(0, -1), query.slice(1), query.slice(0, half), query.slice(half)].forEach(function (part) {
      shardsOf(part).slice(0, 2).forEach(function (n) { if (numbers.indexOf(n) < 0) numbers.push(n); });
    });
    loadShards(base, numbers.slice(0, NEARBY), function () { return true; }, function () {
      done(ranked(loaded(Object.keys(shards)), function (entry) {
        var whole = entry.spellings[0].slice(0, 2), parts = entry.spellings[1];
        return [whole, parts].findIndex(function (spelt) {
          return spelt.some(function (one) { return one.length > 1 && isNear(query, one); });
        });
      }).slice(0, MOST));
    });
  }

  /* Whether the query is the beginnings of parts in a row or, if it skips some, of half of them; short ones from the
     first part on. */
  function follows(query, parts, skips, short) {
    if (skips && parts.length > 2 * query.length) return false;
    return parts.slice(0, short ? 1 : parts.length).some(function (_, start) {
      var reached = [0];
      return parts.slice(start).some(function (part) {
        var next = skips ? reached.slice() : [];
        reached.forEach(function (from) {
          for (var n = 1; n <= part.length && query[from + n - 1] === part[n - 1]; n += 1) {
            if (next.indexOf(from + n) < 0) next.push(from + n);
          }
        });
        reached = next;
        return reached.indexOf(query.length) >= 0;
      });
    });
  }

  /* Pages whose title or pinyin has the query, then those that have it with something left out: 一支部, dyzb. */
  function places(query) {
    var latin = /^[a-z]+$/.test(query), number = numerals(query);
    function listed(skips) {
      return index.places.filter(function (one) {
        if (!one.target) return false;
        if (latin && follows(query, one.words, skips, query.length < 4)) return true;
        return follows(query, one.letters, skips) || follows(number, one.numerals, skips);
      });
    }
    var whole = listed(false);
    if (whole.length || query.length < (latin ? 4 : 3)) return whole;
    return listed(true);
  }

  function directories() {
    return index.places.filter(function (one) { return one.beside === DIRECTORY && one.target; });
  }

  /* While an input method composes, keys are its own: some tell it by 229 alone. */
  function chord(event) {
    return event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey;
  }

  function searching(box) {
    var input = box.querySelector("input"), panel = box.querySelector(".results");
    var list = box.querySelector("[role=listbox]"), status = box.querySelector("[role=status]");
    var base = box.dataset.index.replace(/search\/index\.js$/, "");
    var asked = "", answered = "", active = -1, going = false, sure = false, timer = 0;

    function open(shown) {
      panel.hidden = !shown;
      input.setAttribute("aria-expanded", String(shown && list.childElementCount > 0));
      if (!shown) mark(-1);
    }

    function mark(place) {
      active = place;
      Array.from(list.children).forEach(function (one, n) { one.setAttribute("aria-selected", String(n === place)); });
      if (place < 0) { input.removeAttribute("aria-activedescendant"); return; }
      input.setAttribute("aria-activedescendant", "found." + place);
      list.children[place].scrollIntoView({ block: "nearest" });
    }

    function option(target, name, aka, beside) {
      var link = make("a", "", name);
      link.setAttribute("role", "option");
      link.setAttribute("aria-selected", "false");
      link.id = "found." + list.childElementCount;
      link.tabIndex = -1;
      link.href = base + target;
      if (aka) link.appendChild(make("span", "", "（" + aka + "）"));
      if (beside) link.appendChild(make("small", "", " " + beside));
      list.appendChild(link);
    }

    function fill(people, pages) {
      list.textContent = "";
      pages.forEach(function (one) { option(one.target, one.title, "", one.beside); });
      people.forEach(function (one) { option(one.target, one.name, one.aka, index.places[one.branch].title); });
      answered = asked;
    }

    /* Enter opens what alone was found. */
    function show(people, pages) {
      var many = people.length > MOST;
      fill(people.slice(0, MOST), pages);
      var count = list.childElementCount;
      sure = count === 1;
      tell(many ? "只列出前 " + MOST + " 人，请接着输入" : sure ? "找到 1 个，按回车打开" : "找到 " + count + " 个，请选一个");
      enter();
    }

    /* Nothing is quite so: what nearly is, else where to look. */
    function suggest(people) {
      var word = "没有找到“" + input.value.trim() + "”";
      fill(people, people.length ? [] : directories());
      sure = false;
      tell(people.length ? word + "，相近的有 " + people.length + " 个" :
        word + "。" + (index.starts.length ? "可以换成姓名、拼音或首字母，" : "本站不按姓名查找，可以按党支部查找，") + "或者从这里找");
      going = false;
    }

    function tell(text) {
      status.textContent = text;
      open(true);
      mark(-1);
    }

    function enter() {
      if (going && sure) list.firstChild.click();
      going = false;
    }

    function fail() {
      list.textContent = "";
      answered = asked;
      sure = going = false;
      tell(loads >= BUDGET ? "本页查找次数较多，请刷新后再查" : "查找所需的文件无法打开");
    }

    function ask() {
      var query = asked = fold(input.value);
      clearTimeout(timer);
      function still(next) { return function (answer) { if (query === asked) next(answer); }; }
      if (!query) { status.textContent = ""; open(false); return; }
      if (!index) {
        load(base + "search/index.js", still(function (fine) { if (fine) ask(); else fail(); }));
        return;
      }
      members(base, query, still(function (people) {
        var pages = places(query);
        if (!people) fail();
        else if (people.length || pages.length) show(people, pages);
        else neighbours(base, query, still(suggest));
      }));
    }

    /* What was asked for before is not shown any more, either. */
    function dismiss() {
      clearTimeout(timer);
      asked = "";
      going = false;
      open(false);
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
        if (panel.hidden || answered !== fold(input.value)) { going = true; ask(); }
        else if (active >= 0) list.children[active].click();
        else { going = true; enter(); }
      },
      Escape: function () {
        if (panel.hidden) input.value = "";
        dismiss();
      }
    };

    input.addEventListener("keydown", function (event) {
      if (chord(event) || !keys[event.key]) return;
      event.preventDefault();
      keys[event.key]();
    });
    input.addEventListener("input", function () {
      going = false;
      clearTimeout(timer);
      if (input.value) timer = setTimeout(ask, PAUSE);
      else ask();
    });
    input.addEventListener("focus", function () { if (!index) load(base + "search/index.js", function () {}); });
    box.addEventListener("focusout", function (event) { if (!box.contains(event.relatedTarget)) dismiss(); });
    document.addEventListener("keydown", function (event) {
      var typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if (event.key !== "/" || typing || chord(event)) return;
      event.preventDefault();
      input.focus();
      input.select();
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    Array.from(document.querySelectorAll(".search")).forEach(searching);
  });
}());
