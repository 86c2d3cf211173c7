/** Reads Prometheus's text format as strictly as its own parser: samples by name and labels, types by family. */
export interface Exposition {
  readonly types: ReadonlyMap<string, string>;
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SAMPLE = new RegExp(`^(${NAME})(\\{(?:[a-zA-Z_]\\w*="(?:[^"\\\\\\n]|\\\\["\\\\n])*",?)*\\})? (\\S+)$`);

/** Throws for a line that is not of the format, a sample outside its family, or a sample given twice. */
export function parseExposition(text: string): Exposition {
  const types = new Map<string, string>();
  const samples = new Map<string, number>();
  let family = "";
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  for (const line of text.split("\n").slice(0, -1)) {
    if (new RegExp(`^# HELP ${NAME} .+$`).test(line)) continue;
    const [, typed, type] = new RegExp(`^# TYPE (${NAME}) (counter|gauge|summary)$`).exec(line) ?? [];
    if (typed !== undefined && type !== undefined) {
      if (types.has(typed)) throw new Error(`family ${typed} comes twice`);
      types.set(family = typed, type);
      continue;
    }
    const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
    if (name === undefined || Number.isNaN(Number(value))) throw new Error(`not a sample: ${line}`);
    const suffixes = types.get(family) === "summary" ? ["", "_sum", "_count"] : [""];
    if (!suffixes.some((suffix) => name === family + suffix)) {
      throw new Error(`${name} is outside its family ${family}`);
    }
    if (samples.has(name + labels)) throw new Error(`${name}${labels} comes twice`);
    samples.set(name + labels, Number(value));
  }
  return { types, samples };
}
