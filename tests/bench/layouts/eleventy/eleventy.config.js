const paths = JSON.parse(require("node:fs").readFileSync("paths.json", "utf8"));

module.exports = (config) => {
  config.setQuietMode(true);
  config.addGlobalData("paths", paths);
  return { dir: { input: "src" }, templateFormats: ["11ty.js"] };
};
