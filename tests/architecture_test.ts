import { assert, assertEquals } from "@std/assert";

/** Who may import whom: the picture in the README, as a table. `main.ts` and the files of `src/` itself are layers too. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ["app", "cli", "log"],
  library: ["app", "cli", "transport", "rpc"],
  app: [
    "text",
    "cli",
    "access",
    "http",
    "metrics",
    "transport",
    "sandbox",
    "namespaces",
    "fork",
    "chain",
    "upstream",
    "pubsub",
    "accounts",
    "node",
    "eth",
    "primitives",
    "concurrency",
    "rpc",
    "log",
  ],
  namespaces: ["concurrency", "text", "pubsub", "accounts", "node", "eth", "primitives", "rpc", "log"],
  fork: ["upstream", "chain", "concurrency", "node", "events", "evm", "state", "crypto", "eth", "primitives", "rpc"],
  chain: ["concurrency", "text", "node", "events", "evm", "state", "primitives", "crypto", "eth", "rpc", "log"],
  accounts: ["concurrency", "text", "node", "primitives", "crypto", "eth", "rpc", "log"],
  upstream: ["websocket", "concurrency", "node", "events", "eth", "primitives", "rpc"],
  pubsub: ["concurrency", "events", "eth", "primitives", "rpc", "log"],
  node: ["events", "eth", "primitives", "rpc"],
  events: ["eth", "primitives", "rpc"],
  evm: ["concurrency", "state", "primitives", "crypto", "eth", "rpc"],
  state: ["primitives", "crypto"],
  eth: ["primitives", "rpc"],
  primitives: ["crypto"],
  crypto: ["concurrency"],
  access: ["transport", "concurrency", "text", "rpc"],
  http: ["transport", "rpc"],
  metrics: ["transport", "rpc"],
  transport: ["websocket", "concurrency", "text", "rpc"],
  rpc: ["concurrency"],
  concurrency: [],
  text: [],
  websocket: [],
  sandbox: ["text"],
  cli: ["text"],
  log: ["concurrency", "text"],
};

/** Files that belong to another layer than the folder they lie in. */
const LAYER_OF_FILE: Readonly<Record<string, string>> = {
  "main.ts": "main",
  "src/mod.ts": "library",
  "src/app/early_log.ts": "log",
  "src/app/line_limit.ts": "log",
  "src/app/line_writer.ts": "log",
  "src/app/log.ts": "log",
  "src/app/log_format.ts": "log",
  "src/app/log_setup.ts": "log",
  "src/app/stderr.ts": "log",
};

/** The folders of a layer from the ground up: a file may import its own folder and those before it. */
const FOLDER_ORDER: Readonly<Record<string, readonly string[]>> = {
  "src/chain": ["consensus", "store", "journal", "encode", "pool", "core", "seal", "roles", "."],
  "src/chain/roles": ["read", "submit", ".", "trace", "inspect", "simulate", "dev"],
  "src/eth": [".", "input", "output"],
  "src/state": [".", "stored", "witness"],
};

/** What only one layer may import. */
const SOLE_IMPORTERS: readonly [module: RegExp, importer: RegExp][] = [
  [/^@logtape\//, /^src\/app\/log_setup\.ts$/],
  [/^@std\/cli/, /^src\/cli\//],
];

const MAX_LINES = 400;
const MAX_MEDIAN_LINES = 150;
const ROOT = new URL("../", import.meta.url);

interface Import {
  readonly from: string;
  /** The words of the import statement. */
  readonly specifier: string;
  /** The file in this repository, null for a package. */
  readonly file: string | null;
}

interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string };
      readonly type?: { readonly specifier?: string };
    }[];
  }[];
}

function pathOf(specifier: string | undefined): string | null {
  return specifier?.startsWith(ROOT.href) ? specifier.slice(ROOT.href.length) : null;
}

/** What can be run or imported from outside: each way of running has one. */
const ENTRIES = ["main.ts", "src/app/serve.ts", "src/mod.ts"];

/** Every import statement of the program, types included, as Deno itself resolves them. */
async function readImports(): Promise<Import[]> {
  const graphs = await Promise.all(ENTRIES.map(readGraph));
  const modules = new Map(graphs.flatMap(({ modules }) => modules.map((module) => [module.specifier, module])));
  return importsOf([...modules.values()]);
}

async function readGraph(entry: string): Promise<ModuleGraph> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    stderr: "inherit",
  });
  return JSON.parse(new TextDecoder().decode((await command.output()).stdout));
}

function importsOf(modules: ModuleGraph["modules"]): Import[] {
  return modules.flatMap(({ specifier, dependencies = [] }) => {
    const from = pathOf(specifier);
    if (from === null) return [];
    return dependencies.map((dependency) => ({
      from,
      specifier: dependency.specifier,
      file: pathOf(dependency.code?.specifier ?? dependency.type?.specifier),
    }));
  });
}

function layerOf(file: string): string {
  return LAYER_OF_FILE[file] ?? /^src\/([^/]+)\//.exec(file)?.[1] ?? `no layer for ${file}`;
}

function* filesBelow(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, ROOT))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* filesBelow(path);
    else if (/\.(ts|js|html)$/.test(entry.name)) yield path;
  }
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

const SOURCES = ["main.ts", ...filesBelow("src")].filter((path) => !path.endsWith(".d.ts"));
const IMPORTS = await readImports();

Deno.test("Imports between layers only point down", () => {
  const upward = IMPORTS.filter(({ from, file }) => {
    if (file === null || file === "deno.json") return false;
    const [importer, imported] = [layerOf(from), layerOf(file)];
    return importer !== imported && MAY_IMPORT[importer]?.includes(imported) !== true;
  });
  assertEquals(upward.map(({ from, file }) => `${from} imports ${file}`), []);
});

Deno.test("The table of arrows has no cycle", () => {
  function below(layer: string, path: readonly string[]): void {
    assert(!path.includes(layer), [...path, layer].join(" -> "));
    for (const next of MAY_IMPORT[layer] ?? []) below(next, [...path, layer]);
  }
  for (const layer of Object.keys(MAY_IMPORT)) below(layer, []);
});

/** The folder of `file` below `parent`, "." for its own files; null when it is elsewhere. */
function folderBelow(parent: string, file: string): string | null {
  if (!file.startsWith(`${parent}/`)) return null;
  const [first = "", ...rest] = file.slice(parent.length + 1).split("/");
  return rest.length === 0 ? "." : first;
}

Deno.test("Imports between the folders of a layer only point down", () => {
  const upward = Object.entries(FOLDER_ORDER).flatMap(([parent, order]) =>
    IMPORTS.filter(({ from, file }) => {
      const importer = folderBelow(parent, from);
      const imported = file === null ? null : folderBelow(parent, file);
      if (importer === null || imported === null || /\/mod\.ts$/.test(from)) return false;
      return order.indexOf(imported) > order.indexOf(importer) || !order.includes(imported);
    })
  );
  assertEquals(upward.map(({ from, file }) => `${from} imports ${file}`), []);
});

Deno.test("No files import each other in a circle, types included", () => {
  const imported = new Map<string, string[]>();
  for (const { from, file } of IMPORTS) {
    if (file === null) continue;
    imported.set(from, [...imported.get(from) ?? [], file]);
  }
  const done = new Set<string>();
  function walk(file: string, path: readonly string[]): void {
    assert(!path.includes(file), [...path.slice(path.indexOf(file)), file].join(" -> "));
    if (done.has(file)) return;
    for (const next of imported.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  }
  for (const file of imported.keys()) walk(file, []);
});

Deno.test("Every folder inside a layer has a README.md that says when one is in the wrong place", () => {
  for (const [parent, order] of Object.entries(FOLDER_ORDER)) {
    for (const folder of parent === "src/chain/roles" ? [] : order) {
      if (folder !== ".") assert(/wrong\s+place/.test(read(`${parent}/${folder}/README.md`)), `${parent}/${folder}`);
    }
  }
});

Deno.test("A package that one layer owns is imported nowhere else", () => {
  for (const [module, importer] of SOLE_IMPORTERS) {
    const users = IMPORTS.filter(({ specifier, from }) => module.test(specifier) && !from.endsWith(".d.ts"));
    const others = users.filter(({ from }) => !importer.test(from));
    assertEquals(others.map(({ from, specifier }) => `${from} imports ${specifier}`), []);
    assert(users.length > 0, `nobody imports ${module}`);
  }
});

/** All that a person finds at the top, and what tools leave there without being told (.gitignore). */
const TOP_LEVEL = ["main.ts", "deno.json", "src", "tests", "README.md", "deno.lock", "LICENSE", ".ci", ".gitignore"];
const IGNORED = [".git", "node_modules", "dist", "coverage"];

Deno.test("The top level holds what belongs there, and nothing else", () => {
  const names = [...Deno.readDirSync(ROOT)].map(({ name }) => name);
  assertEquals(names.filter((name) => ![...TOP_LEVEL, ...IGNORED].includes(name)), []);
});

Deno.test("Every file of src is part of the program", () => {
  const used = new Set([...ENTRIES, ...IMPORTS.flatMap(({ file }) => file ?? [])]);
  // A layer's mod.ts is its prose, whether or not anyone imports through it.
  for (const path of coreSources("src/evm/core/core.ts")) used.add(path);
  assertEquals(SOURCES.filter((path) => !used.has(path) && !/^src\/[^/]+\/mod\.ts$/.test(path)), []);
});

/** The files that core.wasm is made of: AssemblyScript, which is imported without an ending. */
function coreSources(path: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, name] of read(path).matchAll(/ from "\.\/(\w+)";/g)) coreSources(`src/evm/core/${name}.ts`, seen);
  return seen;
}

Deno.test("Only programs, main.ts and serve.ts, read the arguments and end the process", () => {
  const programs = ["main.ts", "src/app/serve.ts"];
  const others = SOURCES.filter((path) =>
    !programs.includes(path) && /\bDeno\.(args|exit|exitCode)\b/.test(read(path))
  );
  assertEquals(others, []);
});

Deno.test("Every layer has a mod.ts that opens with what lives there", () => {
  const folders = [...Deno.readDirSync(new URL("src/", ROOT))].filter((entry) => entry.isDirectory);
  for (const { name } of folders) {
    const text = read(`src/${name}/mod.ts`);
    assert(
      /^(\/\*\*\n( \*.*\n){4,}|(\/\/ .*\n){4,})/.test(text),
      `src/${name}/mod.ts does not open with a comment of several lines`,
    );
    assert(
      /wrong\s+(\/\/ )?place/.test(text),
      `src/${name}/mod.ts does not tell how to see that one is in the wrong place`,
    );
  }
});

Deno.test("No file is longer than 400 lines, and half of src's are at most 150", () => {
  const lengths = new Map(
    [...SOURCES, ...filesBelow("tests")].map((path) => [path, read(path).split("\n").length - 1]),
  );
  assertEquals([...lengths].filter(([, lines]) => lines > MAX_LINES), []);
  const sorted = SOURCES.map((path) => lengths.get(path) ?? 0).sort((a, b) => a - b);
  assert((sorted[Math.floor(sorted.length / 2)] ?? 0) <= MAX_MEDIAN_LINES, `median of ${sorted}`);
});

Deno.test("File names are snake_case and say what is inside", () => {
  const named = [...SOURCES, ...filesBelow("tests")].filter((path) => {
    const name = path.split("/").at(-1) ?? "";
    return !/^[a-z0-9]+(_[a-z0-9]+)*\.(ts|js|html|d\.ts)$/.test(name) ||
      /^(utils?|helpers?|index|common|misc)\./.test(name);
  });
  assertEquals(named, []);
});

Deno.test("deno.json and deno.lock name only what the program itself needs", () => {
  // Whatever they name is downloaded by everyone who only wants to run the program; tests have a lock file of their own.
  const { imports }: { imports: Record<string, string> } = JSON.parse(read("deno.json"));
  const lock: { specifiers: Record<string, string> } = JSON.parse(read("deno.lock"));
  const packageOf = (target: string) => /^npm:(?:@[^/]+\/)?[^/]+/.exec(target)?.[0] ?? target;
  const used = new Set(
    IMPORTS.flatMap(({ specifier }) => {
      const name = Object.keys(imports).find((name) => specifier === name || specifier.startsWith(`${name}/`));
      return name === undefined ? [] : [packageOf(imports[name] ?? "")];
    }),
  );
  const named = new Set(Object.values(imports).map(packageOf));
  assertEquals([...named.difference(used)], []);
  assertEquals(Object.keys(lock.specifiers).filter((specifier) => !named.has(specifier)), []);
});
