import { assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };
import { Output } from "../e2e/server_process.ts";

const ROOT = new URL("../../", import.meta.url);
const READY_DEADLINE_MS = 60_000;

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly { readonly isDynamic?: boolean; readonly code?: { readonly specifier?: string } }[];
}

/** The packages that `entry` loads by itself, without what it imports at run time. */
async function packagesOf(entry: string): Promise<string[]> {
  const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], cwd: ROOT });
  const { modules }: { modules: ModuleInfo[] } = JSON.parse(new TextDecoder().decode((await command.output()).stdout));
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const packages = new Set<string>();
  const seen = new Set<string>();
  const queue = [new URL(entry, ROOT).href];
  for (let specifier = queue.pop(); specifier !== undefined; specifier = queue.pop()) {
    if (seen.has(specifier)) continue;
    seen.add(specifier);
    const [, name] = /^npm:\/?(@?[^@]+)@/.exec(specifier) ?? [];
    if (name !== undefined) packages.add(name);
    for (const { isDynamic, code } of known.get(specifier)?.dependencies ?? []) {
      if (isDynamic !== true && code?.specifier !== undefined) queue.push(code.specifier);
    }
  }
  return [...packages];
}

for (const entry of ["main.ts", "src/app/launch.ts", "src/app/serve.ts"]) {
  Deno.test(`${entry} loads no package but @std before the permissions are given back`, async () => {
    assertEquals(await packagesOf(entry), ["deno-std"]);
  });
}

/** A package that tries, while it is imported, everything that it could do with the program's permissions. */
const POISONED = `
const tries = {
  connect: () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  listen: () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  read: () => Deno.openSync("/etc/hostname"),
  run: () => new Deno.Command("true").spawn(),
  environment: () => Deno.env.get("HOME"),
  worker: () => new Worker("data:text/javascript,", { type: "module" }),
  package: () => import("npm:a-name-that-carries-something-out"),
};
for (const [name, attempt] of Object.entries(tries)) {
  const outcome = await Promise.try(attempt).then(() => "done", ({ name, message }) =>
    message.includes("the sandbox is closed") ? "closed" : name
  );
  console.log("poisoned " + name + ": " + outcome);
}
export { keccak_256 } from "unpoisoned";
`;

/** Runs `entry` with a copy of the project's settings in which one package is replaced by the poisoned one. */
async function runPoisoned(args: readonly string[], ready: RegExp): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/poisoned.js`, POISONED);
    const imports = {
      ...project.imports,
      "@noble/hashes/sha3.js": `${folder}/poisoned.js`,
      unpoisoned: `${project.imports["@noble/hashes"]}/sha3.js`,
    };
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ imports, unstable: project.unstable, compilerOptions: { lib: ["deno.window"] } }),
    );
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...args.slice(0, 1),
        "--no-lock",
        "--no-check",
        "--no-prompt",
        "--config",
        `${folder}/deno.json`,
        ...args.slice(1),
      ],
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const output = new Output(child);
    try {
      await output.waitFor(ready, READY_DEADLINE_MS);
    } finally {
      child.kill("SIGTERM");
      await child.status;
      await output.ended;
    }
    return [...output.text.matchAll(/^poisoned .*$/gm)].map(([line]) => line);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const REFUSED = [
  ...["connect", "listen", "read", "run", "environment"].map((name) => `poisoned ${name}: NotCapable`),
  ...["worker", "package"].map((name) => `poisoned ${name}: closed`),
];

Deno.test("A package that is poisoned can do nothing with the permissions of deno run -A main.ts", async () => {
  assertEquals(await runPoisoned(["run", "-A", "main.ts", "--ws", "--ws.port=0"], /WebSocket enabled/), REFUSED);
});

Deno.test("A package that is poisoned can do nothing with the permissions of deno serve -A", async () => {
  const args = ["serve", "-A", "--host", "127.0.0.1", "--port", "0", "src/app/serve.ts"];
  assertEquals(await runPoisoned(args, /Serving/), REFUSED);
});
