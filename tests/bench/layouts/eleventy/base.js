module.exports = (d, site, up, main) => `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="renderer" content="webkit">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<title>${d.title} · ${site.site}</title>
<script src="${up}assets/site.js"></script><script src="${up}assets/mine.js"></script><script defer src="${up}assets/search.js"></script><link rel="icon" type="image/svg+xml" href="${up}assets/icon.svg">
<link rel="stylesheet" href="${up}assets/theme.css">
${d.kind === "member" ? `<link rel="stylesheet" href="${up}assets/member.css">
` : ""}<link rel="alternate" type="application/atom+xml" title="${site.site}" href="${up}feed.xml">
</head>
<body class="${d.kind}">
<a class="skip" href="#main">跳到正文</a>
<header class="top">
<p class="banner">${site.banner}</p>
<div class="in">
<p class="mast"><span>${site.organ}</span> <strong>${site.site}</strong></p>
<nav aria-label="主导航">
<ul>
<li><a href="${up}index.html">首页</a></li>
<li><a href="${up}boards.html">积分榜</a></li>
<li><a href="${up}branches.html">党支部</a></li>
<li><a href="${up}notices.html">公告</a></li>
<li><a href="${up}rules.html">规则</a></li>
</ul>
</nav>
<div class="tools">
<div class="search scripted" role="search" data-index="${up}search/index.js">
<input type="text" inputmode="search" enterkeyhint="go" id="search" role="combobox" aria-label="查找党员或党支部" placeholder="姓名、拼音或支部" autocomplete="off" spellcheck="false" aria-autocomplete="list" aria-expanded="false" aria-controls="found" aria-keyshortcuts="/">
<div class="results" hidden>
<div id="found" role="listbox" aria-label="查找结果"></div>
<p role="status"></p>
</div>
</div>
<button type="button" class="switch scripted" data-setting="large">大字</button>
<button type="button" class="switch scripted" data-setting="light">深色</button>
</div>
</div>
</header>
<main id="main">
<table class="paper" role="presentation">
<thead aria-hidden="true"><tr><td>${d.sheet}　${site.banner}</td></tr></thead>
<tbody><tr><td>
<div class="in">
${main}
</div>
</td></tr></tbody>
</table>
</main>
<footer class="foot">
<div class="in">
<nav aria-label="其他页面">
<ul>
<li><a href="${up}audit.html">审核记录</a></li>
</ul>
</nav>
<p>${site.organ}　${site.committee}</p>
<p>意见与异议：${site.contact}</p>
</div>
</footer>
</body>
</html>
`;
