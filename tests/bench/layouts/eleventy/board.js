module.exports = (d, site) => {
  const up = d.up; const organ = d.organwide; const annual = d.annual; const moves = d.moves;
  return `<nav class="trail${d.home.href ? "" : " short"}" aria-label="当前位置">
<ol>
<li><a href="${up}index.html">首页</a></li>
${d.home.href ? `<li><a href="${up}${d.home.href}">${d.home.name}</a></li>
` : ""}<li aria-current="page">${d.called}</li>
</ol>
</nav>
<header class="title">
<p>${d.of}</p>
<h1>${d.called}</h1>
</header>
<dl class="facts">
<div><dt>统计期</dt><dd>${d.span}</dd></div>
<div class="printed"><dt>参加排名</dt><dd>${d.members} 人</dd></div>
<div class="line"><dt>状态</dt><dd>${d.lacking ? `<span class="state open">暂计</span> 已审核的台账，缺${d.lacking}补齐之前，名次和积分还会变动。` : `${d.audience ? `在${d.audience}` : ""}${d.state}`}</dd></div>
</dl>
<div class="columns">
<div>
${d.filters ? `<form class="filters scripted" data-filters="ranking">
<label><span class="said">只看</span><select name="branch"><option value="">全部党支部</option>${d.filters.map((one) => `<option value="${one.id}">${one.name}</option>`).join("")}</select></label>
</form>
` : ""}<table id="ranking" class="ranking${organ ? ` organ` : ""} sortable">
<caption>${d.caption}</caption>
<thead>
<tr><th scope="col" class="rank">名次</th><th scope="col">姓名</th>${organ ? `<th scope="col" class="wide">党支部</th>` : ""}${!annual ? `<th scope="col" class="n"><span class="nb">当期</span><span class="nb">积分</span></th>` : ""}<th scope="col" class="n"><span class="nb">年度</span><span class="nb">累计</span></th>${moves ? `<th scope="col">升降</th>` : ""}<th scope="col" class="wide gap">与上一名</th>${d.trend.head ? `<th scope="col" class="trend" title="${d.trend.title}">${d.trend.head}</th>` : ""}</tr>
</thead>
<tbody>
${d.rows.map((row) => { const name = row.name; const home = row.home; const short = row.short; return `<tr id="${row.id}"${organ ? ` data-branch="${row.branch}"` : ""}><td class="rank" data-rank="${row.rank}">${row.rank}</td><th scope="row" data-order="${row.order}"><a href="${up}${row.href}" data-name="${name}">${row.pair ? `<span class="nm">${name}</span>` : `${name}`}</a>${organ || short ? ` <small class="narrow">${organ ? `${home}${short ? `，` : ""}` : ""}${short}</small>` : ""}</th>${organ ? `<td class="wide" data-order="${row.seat}">${home}</td>` : ""}<td class="n key" data-points="${row.points}">${row.points}</td>${!annual ? `<td class="n" data-total="${row.total}">${row.total}</td>` : ""}${moves ? `<td class="move" data-v="${row.moved}">${row.sign ? `<span aria-hidden="true">${row.sign}</span><span class="said">${row.move}</span>` : row.move}</td>` : ""}<td class="wide gap">${row.gap}</td>${d.trend.head ? `<td class="trend"><svg viewBox="0 0 64 24" role="img"><title>${row.said}</title>${row.spark ? `<polyline class="line" points="${row.spark}"/>` : ""}</svg></td>` : ""}</tr>
`; }).join("")}</tbody>
</table>
<p class="quiet">积分相同的名次相同，下一名次空缺（如 <span class="nb">1、2、2、4</span>）；同名次的按姓名拼音先后列出，不分高低。</p>
${d.parts ? `<nav class="pager" aria-label="分页">
<ul>
${d.parts.map((one) => `<li>${one.here ? `<span aria-current="page">第 ${one.number} 页</span>` : `<a href="${up}${one.href}">第 ${one.number} 页</a>`}</li>
`).join("")}</ul>
</nav>
` : ""}</div>
<div class="aside">
${d.aside ? `${d.aside.averages ? `<section class="side">
<h2>支部平均</h2>
<table class="figures">
<caption>各党支部参加排名人员的平均积分</caption>
<thead><tr><th scope="col">党支部</th><th scope="col" class="n">人数</th><th scope="col" class="n">平均积分</th></tr></thead>
<tbody>
${d.aside.averages.map((one) => `<tr><th scope="row"><a href="${up}${one[0]}">${one[1]}</a></th><td class="n">${one[2]}</td><td class="n">${one[3]}</td></tr>
`).join("")}</tbody>
</table>
</section>
` : ""}${d.aside.spread ? `<section class="side">
<h2>积分分布</h2>
<svg class="chart" viewBox="0 0 360 150" role="img" aria-labelledby="spread-t spread-d">
<title id="spread-t">各积分段人数</title>
<desc id="spread-d">${d.aside.spread.desc}</desc>
${d.aside.spread.bars.map((one) => `${one[3] ? `<rect class="bar" x="${one[3]}" y="${one[4]}" width="${one[5]}" height="${one[6]}"/><text class="value" x="${one[7]}" y="${one[8]}">${one[2]}</text>` : ""}<text x="${one[0]}" y="145">${one[1]}</text>
`).join("")}<text class="end" x="360" y="145">${d.aside.spread.high}</text>
<path class="axis" d="M10 130H350"/>
</svg>
<details>
<summary>查看数据</summary>
<table class="figures">
<caption>各积分段人数</caption>
<thead><tr><th scope="col">积分段</th><th scope="col" class="n">人数</th></tr></thead>
<tbody>
${d.aside.bins.map((one) => `<tr><th scope="row">${one.low} 至不足 ${one.high}</th><td class="n">${one.members}</td></tr>
`).join("")}</tbody>
</table>
</details>
</section>
` : ""}<section>
<h2>说明</h2>
<ul class="notes">
<li>升降：与上一期同类积分榜的名次相比；上一期未参加排名的，注“新进”。</li>
<li>依据：<a href="${up}${d.aside.rules.href}">《${d.aside.rules.title}》</a><span class="nb">${d.aside.rules.clause}</span>。</li>
<li>异议：对本榜有异议的，可在公示期内向${site.contact}提出。</li>
</ul>
<h2>所依据的台账</h2>
<p class="quiet">支委会审核记录的摘要前八位，点开是<a href="${up}audit.html">审核记录</a>里的那一条。</p>
<dl class="digests">
${d.aside.sources.map((source) => `<div><dt>${source.name}</dt><dd>
${source.months.map((one) => `<span>${one[0]}月 <a href="${up}${one[1]}"><code>${one[2]}</code></a></span>
`).join("")}</dd></div>
`).join("")}</dl>
<p class="quiet">核对码是其中最新一次审核的摘要前十六位。它封存了此前的全部审核，留有本页的人可以随时凭它核对台账有没有被改写（jifenbang verify --anchor）。</p>
<dl class="digests codes">
${d.aside.heads.map((one) => `<div><dt>${one[0]}</dt><dd><code>${one[1]}</code></dd></div>
`).join("")}</dl>
</section>
` : `<p class="quiet">支部平均、积分分布、说明和所依据的台账，见<a href="${up}${d.first}">第 1 页</a>。</p>
`}</div>
</div>
`;
};
