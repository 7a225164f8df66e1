module.exports = (d, site) => {
  const items = d.items; const up = d.up;
  return `<nav class="trail" aria-label="当前位置">
<ol>
<li><a href="${up}index.html">首页</a></li>
<li><a href="${up}${d.home.href}">${d.home.name}</a></li>
<li aria-current="page">${d.name}</li>
</ol>
</nav>
<header class="title">
<p>${site.organ}${d.home.name}　${d.status}</p>
<h1>${d.title}</h1>
</header>
<p class="pagetools screen"><button type="button" class="scripted" data-own="${d.id}" data-label="${d.name}">这是我</button> <button type="button" class="scripted" data-do="print">打印</button> <button type="button" class="scripted" data-do="copy">复制链接</button> <span role="status"></span></p>
<dl class="keys">
${d.keys.map((key, index) => `<div><dt>${key.dt}</dt><dd>${key.pre}<b>${key.b}</b>${key.post}<small>${key.small}</small>${index || !d.losses.sums ? "" : `<a class="screen" href="#lost">扣分和没有得的分</a>`}</dd></div>
`).join("")}</dl>
<section id="lost">
<h2>扣分和没有得的分</h2>
${d.losses.sums ? `<table class="lost">
<caption>${d.year}年度扣分 ${d.losses.sums[0]} 分；未参加或未完成而没有得的，按每次分值计 ${d.losses.sums[1]} 分；超过上限没有计入的 ${d.losses.sums[2]} 分。点日期可见下面的明细。</caption>
<thead><tr><th scope="col">日期</th><th scope="col" class="n">扣分</th><th scope="col" class="n">没有得</th><th scope="col">事项和原因</th></tr></thead>
<tbody>
${d.losses.lines.map((one) => `<tr><td><a href="#${one.place}">${one.day}</a><td class="n">${one.deducted}<td class="n">${one.missed}<td>${one.what} <a href="${up}${one.href}">${one.clause}</a>
`).join("")}${d.losses.ceilings.map((full) => `<tr id="full-${full.number}"><td>已满<td class="n"><td class="n">${full.lost}<td>${full.title}。计满的（日期、分数）：${full.fillers.map((one) => `<a href="#${one[0]}">${one[1]}</a> ${one[2]}`).join("")}。没有计入的：${full.cuts.map((one) => `<a href="#${one[0]}">${one[1]}</a> ${one[2]}`).join("")}
`).join("")}</tbody>
</table>
` : `<p class="quiet">${d.year}年度没有扣分，也没有因为未参加、未完成或者超过上限而没有得的分。</p>
`}</section>
<div class="columns">
<section>
<h2>各项得分与上限</h2>
<table class="meters">
<caption>${d.year}年度各项计入的分、上限和${d.open}</caption>
<thead><tr><th scope="col" colspan="2">项目</th><th scope="col">次数</th><th scope="col">计入</th><th scope="col">上限</th><th scope="col">${d.left}</th></tr></thead>
${d.groups.map((group) => `<tbody>
${group.map((row) => `<tr><th scope="row${!row.href ? `group` : ""}">${row.href ? `<a href="${up}${row.href}">${row.title}</a>` : `${row.title}`}</th><td>${row.track ? `<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><path class="track" d="M0 4H100"/>${row.fill ? `<path class="fill" d="M0 4H${row.fill}"/>` : ""}</svg>` : ""}</td><td>${row.times}</td><td>${row.counted}</td><td>${row.cap}</td><td>${row.left}</td></tr>
`).join("")}</tbody>
`).join("")}</table>
</section>
<div>
<section>
<h2>各期名次</h2>
<table class="places">
<caption>${d.year}年度季度支部名次和半年全机关名次</caption>
<thead><tr><th scope="col">周期</th><th scope="col">范围</th><th scope="col" class="n">积分</th><th scope="col" class="n">名次</th></tr></thead>
<tbody>
${d.places.map((one) => `<tr><th scope="row"><a href="${up}${one.href}">${one.period}</a>${one.provisional ? ` <span class="tag">暂计</span>` : ""}</th><td>${one.scope}</td><td class="n">${one.points}</td><td class="n"><b>${one.rank}</b>/${one.of}</td></tr>
`).join("")}</tbody>
</table>
</section>
</div>
</div>
<section class="trends">
<h2>走势</h2>
<div class="three">
${d.charts.map((chart) => `<figure>
<figcaption>${chart.caption}</figcaption>
<svg class="chart" viewBox="0 0 360 150" role="img" aria-labelledby="${chart.id}-t ${chart.id}-d">
<title id="${chart.id}-t">${chart.title}</title>
<desc id="${chart.id}-d">${chart.desc}</desc>
${chart.grid.map((line) => `<path class="grid" d="M30 ${line[0]}H352"/><text class="end" x="26" y="${line[1]}">${line[2]}</text>
`).join("")}${chart.marks.map((mark) => `<text x="${mark[0]}" y="146">${mark[1]}</text>
`).join("")}${chart.series.map((series) => { const other = series.other; return `<polyline class="line${other}" points="${series.points}"/>
${series.dots.map((dot) => `<circle class="dot${other}" cx="${dot.x}" cy="${dot.y}" r="2.5"/>
`).join("")}${series.texts.map((text) => `<text class="value${text[0]}" x="${text[1]}" y="${text[2]}">${text[3]}</text>
`).join("")}`; }).join("")}</svg>
</figure>
`).join("")}</div>
<details>
<summary>走势图的逐月数字</summary>
<table class="figures">
<caption>${d.year}年度逐月积分；中位数是当月支部参加排名的全体党员积分的中位数，不足 5 人不列</caption>
<thead><tr><th scope="col">月份</th><th scope="col" class="n">当月</th><th scope="col" class="n">累计</th><th scope="col" class="n">支部名次</th><th scope="col" class="n">中位数</th></tr></thead>
<tbody>
${d.figures.map((figure) => `<tr><th scope="row">${figure.month}月</th><td class="n">${figure.points}</td><td class="n">${figure.total}</td><td class="n">${figure.rank}</td><td class="n">${figure.median}</td></tr>
`).join("")}</tbody>
</table>
</details>
</section>
<section>
<h2>全年一览</h2>
<p class="quiet screen">点开可见该月明细；空白表示没有记录。</p>
<div class="scroll" role="region" aria-label="全年一览" tabindex="0">
<table class="glance">
<caption>${d.year}年度各项逐月的出席和得分</caption>
<thead><tr><th scope="col">项目</th>${d.figures.map((figure) => `<th scope="col">${figure.month}月</th>`).join("")}</tr></thead>
<tbody>
${d.glance.map((row) => `<tr><th scope="row">${row.title}</th>${row.cells.map((cell) => `<td>${cell.length ? `<a href="#${cell[0]}">${cell[1]}</a>` : ""}`).join("")}
`).join("")}</tbody>
</table>
</div>
</section>
<section>
<h2>积分明细</h2>
<form class="filters scripted" data-filters="lines">
<label>项目 <select name="item"><option value="">全部</option>${Object.entries(items).map(([id, item]) => `<option value="${id}">${item[0]}</option>`).join("")}</select></label>
<label>月份 <select name="month"><option value="">全部</option>${d.months.map((month) => `<option value="${month.number}">${month.number}月</option>`).join("")}</select></label>
</form>
<table class="lines" id="lines">
<caption>${d.year}年度每一条记录，月份近的在前，同一月按日期。计分一栏“2→0”表示应得 2 分、计入 0 分；“第 N 行”是该条在当月台账里的位置。</caption>
<thead><tr><th scope="col">日期</th><th scope="col">计分</th><th scope="col">事项、条款、佐证</th><th scope="col">台账</th></tr></thead>
${d.months.map((month) => `<tbody data-month="${month.number}">
<tr><th scope="rowgroup" colspan="4"><b>${month.href ? `<a href="${up}${month.href}">${month.period}</a>` : `${month.period}`}</b> 计 ${month.points} 分，累计 ${month.total} 分${month.rank ? `，支部第 ${month.rank} 名` : ""} <small>${month.sources.map((source) => `${source.meeting}支委会审核，主持人${source.by}`).join("") || `${month.pending ? `台账尚未审核` : `本月没有记录`}`}</small>${month.zeroed ? `<small><em>一票否决，本期按 0 分计</em></small>` : ""}</th></tr>
${month.lines.map((line) => { const id = line.item; const item = items[id]; return `<tr id="${line.place}" data-item="${id}"${line.minus ? ` class="minus"` : ""}><td>${line.day}<td>${line.points}<td>${line.what} <a href="${up}${item[1]}">${item[2]}</a>${line.why || line.proof ? ` <small>${line.why ? `<em>${line.full ? `<a href="#full-${line.full}">${line.why}</a>` : line.why}</em>` : ""}${line.proof ? `${line.proof}` : ""}</small>` : ""}<td>${line.at}
`; }).join("")}</tbody>
`).join("")}</table>
<details class="grounds screen">
<summary>核对依据</summary>
<p class="quiet">各月所依据的支委会审核，列摘要前八位，点开可见相应的审核记录。</p>
<dl class="digests">
${d.months.filter((month) => month.sources.length).map((month) => `<div><dt>${month.number}月</dt><dd>${month.sources.map((source) => `<span>${source.branch}<a href="${up}${source.href}"><code>${source.digest}</code></a></span>`).join("")}</dd></div>
`).join("")}</dl>
</details>
</section>
`;
};
