module.exports = (d, site) => {
  const n = d.newest;
  return `<header class="title">
<p>${site.organ}</p>
<h1>${site.site}</h1>
</header>
<p class="reader" data-period="${n.period}" data-href="${n.href}" data-pages="members/*.html" data-rows="${n.places}"></p>
<section>
<h2>从所在的党支部进入</h2>
<ul class="row">
${d.branches.map((one) => `<li><a href="${one.href}">${one.name}</a></li>
`).join("")}<li><a href="branches.html">全部党支部（${d.all} 个）</a></li>
</ul>
</section>
<div class="columns">
<section>
<h2>${n.called}</h2>
<dl class="facts">
<div><dt>统计期</dt><dd>${n.span}</dd></div>
<div><dt>状态</dt><dd>${n.state}</dd></div>
</dl>
<table class="ranking organ">
<caption>按当期积分排名，列前 10 人</caption>
<thead>
<tr><th scope="col" class="rank">名次</th><th scope="col">姓名</th><th scope="col" class="wide">党支部</th><th scope="col" class="n"><span class="nb">当期</span><span class="nb">积分</span></th><th scope="col" class="n"><span class="nb">年度</span><span class="nb">累计</span></th><th scope="col">升降</th></tr>
</thead>
<tbody>
${n.rows.map((one) => `<tr><td class="rank" data-rank="${one.rank}">${one.rank}</td><th scope="row"><a href="${one.href}" data-name="${one.name}">${one.name}</a> <small class="narrow">${one.home}</small></th><td class="wide">${one.home}</td><td class="n key" data-points="${one.points}">${one.points}</td><td class="n" data-total="${one.total}">${one.total}</td><td class="move">${one.sign ? `<span aria-hidden="true">${one.sign}</span><span class="said">${one.move}</span>` : one.move}</td></tr>
`).join("")}</tbody>
</table>
<p class="more"><a href="${n.href}">查看全榜（共 ${n.members} 人）</a></p>
</section>
<section>
<h2>历期积分榜</h2>
<ul class="list">
${d.boards.map((one) => `<li><a href="${one.href}">${one.called}</a><span class="state">${one.state}</span></li>
`).join("")}</ul>
</section>
</div>
`;
};
