/* 这是我: the reader's own row, kept on this device for this site and sent nowhere. Every page is whole without. */
(function () {
  "use strict";

  var key = "jifenbang.mine " + document.currentScript.src.replace(/assets\/[^/]*$/, "");

  function all(selector) { return Array.from(document.querySelectorAll(selector)); }

  function make(tag, text) {
    var element = document.createElement(tag);
    element.textContent = text;
    if (tag === "button") element.type = "button";
    return element;
  }

  /* Who is kept, by id and name; null if nobody is. */
  function kept() {
    try {
      var own = JSON.parse(localStorage.getItem(key));
      return own && typeof own.id === "string" && typeof own.name === "string" ? own : null;
    } catch (refused) { return null; }
  }

  function keep(own) {
    localStorage.setItem(key, JSON.stringify(own));
    if (!own) localStorage.removeItem(key);
  }

  try { keep(kept()); } catch (refused) { return; } /* where nothing can be kept, nothing is offered */

  function isOwn(id) { return (kept() || {}).id === id; }

  function press(id, name) {
    keep(isOwn(id) ? null : { id: id, name: name });
    show();
  }

  /* --- a board: a star before each row; the own row stays in sight --- */

  function idOf(row) { return row.id.replace(/^row-/, ""); }

  function star(row) {
    var name = row.querySelector("[data-name]").dataset.name, button = make("button", "☆");
    button.className = "star";
    button.setAttribute("aria-label", "这是我：" + name);
    button.addEventListener("click", function () { press(idOf(row), name); });
    row.cells[0].appendChild(button);
  }

  function showRow(row) {
    var own = isOwn(idOf(row)), button = row.querySelector(".star");
    row.classList.toggle("mine", own);
    button.textContent = own ? "★" : "☆";
    button.title = own ? "不再记住" : "这是我，记在这台设备上";
    button.setAttribute("aria-pressed", String(own));
  }

  /* --- a member's page --- */

  function showButton(button) {
    button.textContent = isOwn(button.dataset.own) ? "不再记住我" : "这是我";
    button.title = isOwn(button.dataset.own) ? "" : "记在这台设备上，首页和榜单上就标出您的一行";
  }

  /* --- the home page: rank and points on its board, where that has them --- */

  function showHome(place) {
    var own = kept(), data = place.dataset, link;
    place.textContent = "";
    if (!own) return;
    var row = data.rows.split(";").map(function (one) { return one.split(" "); })
      .find(function (one) { return one[0] === own.id; });
    place.appendChild(make("strong", own.name));
    if (row) link = make("a", data.period + "第 " + row[1] + " 名，" + row[2] + " 分");
    else place.appendChild(make("span", data.rows ? "未列入" + data.period + "积分榜" : ""));
    if (row) {
      link.href = data.href + "#row-" + own.id;
      place.appendChild(link);
    }
    if (data.pages) {
      link = make("a", "我的积分");
      link.href = data.pages.replace("*", own.id);
      place.appendChild(link);
    }
    var button = make("button", "不再记住");
    button.addEventListener("click", function () { press(own.id, own.name); });
    place.appendChild(button);
  }

  function show() {
    document.documentElement.classList.toggle("known", Boolean(kept()));
    all("table[data-own] tbody tr[id]").forEach(showRow);
    all("button[data-own]").forEach(showButton);
    all(".reader").forEach(showHome);
  }

  document.documentElement.classList.add("keeps");
  document.documentElement.classList.toggle("known", Boolean(kept()));
  document.addEventListener("DOMContentLoaded", function () {
    all("table[data-own] tbody tr[id]").forEach(star);
    all("button[data-own]").forEach(function (button) {
      button.addEventListener("click", function () { press(button.dataset.own, button.dataset.label); });
    });
    show();
    window.addEventListener("pageshow", show);
    window.addEventListener("storage", show);
  });
}());
