// What MDN's data of compatibility says of Chrome 86, the baseline.
import data from "@mdn/browser-compat-data" with { type: "json" };

const BASELINE = 86;

export { data };

/** Whether a feature of the data came after the baseline, or never. A name with a prefix is another feature. */
export function isNewer(feature) {
  const said = feature?.__compat?.support.chrome;
  if (!said) return false;
  const plain = (Array.isArray(said) ? said : [said]).filter(one => !one.prefix && !one.alternative_name && !one.flags);
  return !plain.some(({ version_added: from, version_removed: until }) =>
    from && from !== "preview" && parseInt(from.replace("≤", ""), 10) <= BASELINE && !(until && parseInt(until, 10) <= BASELINE));
}

/** Features by name, of any depth below a part of the data. */
export function indexByName(part, index = new Map()) {
  for (const [name, feature] of Object.entries(part)) {
    if (name === "__compat") continue;
    if (feature.__compat) index.set(name, [...(index.get(name) ?? []), feature]);
    indexByName(feature, index);
  }
  return index;
}

/** Whether all features that have a name are newer; a name that the data doesn't know is not. */
export const areNewer = features => !!features?.length && features.every(isNewer);
