/* The field of the audit page: the records that begin with the digits on a sheet. The page is whole without. */
(function () {
  "use strict";

  var list = (selector) => Array.from(document.querySelectorAll(selector));

  /* The codes typed or pasted: in full width, capitals, with blanks, o for 0 and l for 1. */
  function codes(text) {
    return text.normalize("NFKC").toLowerCase().replace("sha256:", "").replace(/o/g, "0").replace(/[il]/g, "1")
      .split(/[^0-9a-f\s]+/).map((one) => one.replace(/\s/g, "")).filter(Boolean);
  }

  /* A record in words: 2026年10月 第一党支部 2026年11月5日. */
  function named(row) {
    var cells = [row.parentNode.querySelector(".group"), row.querySelector("th"), row.querySelector(".on")];
    return cells.map((cell) => cell ? cell.textContent : "").join(" ").trim();
  }

  function looking(form) {
    var input = form.querySelector("input"), said = form.querySelector("[role=status]"), words = form.dataset, last;
    var rows = list(".digest tr").filter((row) => row.querySelector("details"));

    function judge(code, row) {
      var proves = code.length >= 16, about = row ? "：" + named(row) + "。" : "";
      if (!row) return proves ? words.absent : words.none;
      if (row.closest("[data-withdrawn]")) return words.withdrawn + about;
      return proves ? "相同" + about + words.same : "找到" + about + "只有 " + code.length + words.few;
    }

    function look() {
      var typed = codes(input.value), hits = [];
      var answers = typed.filter((code) => code.length >= 8).map((code) => {
        var found = rows.filter((row) => codes(row.querySelector("details").textContent)[0].startsWith(code));
        hits = hits.concat(found);
        return judge(code, found[found.length - 1]);
      });
      rows.forEach((row) => { row.classList.toggle("hit", hits.includes(row)); });
      said.textContent = answers.join("") || (typed.length ? words.more : "");
      if (hits.length && hits[hits.length - 1] !== last) hits[hits.length - 1].scrollIntoView({ block: "center" });
      last = hits[hits.length - 1];
    }

    form.addEventListener("submit", (event) => { event.preventDefault(); });
    input.addEventListener("input", look);
    look(); /* what the browser filled in again on coming back */
  }

  list(".lookup").forEach(looking);
}());
