// A page a record. Only paths pass through the data cascade: a record is read when its page is rendered.
const fs = require("node:fs");
const base = require("./_includes/base.js");
const layouts = { member: require("./_includes/member.js"), board: require("./_includes/board.js"), home: require("./_includes/home.js") };
const site = JSON.parse(fs.readFileSync("site.json", "utf8"));

module.exports = {
  data: {
    pagination: { data: "paths", size: 1, alias: "target" },
    permalink: (data) => data.target,
    eleventyExcludeFromCollections: true,
  },
  render({ target }) {
    const d = JSON.parse(fs.readFileSync(`records/${target}.json`, "utf8"));
    return base(d, site, d.up, layouts[d.kind](d, site));
  },
};
