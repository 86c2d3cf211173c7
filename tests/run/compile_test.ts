import { assert, assertEquals } from "@std/assert";
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).pathname;
/** Measured: 30 MB, nearly all of it packages. */
const MAX_EMBEDDED_MB = 40;

/** The files that `deno compile` says it embeds, as paths; a folder that it does not unfold ends in `*`. */
function embeddedPaths(output: string): string[] {
  const path: string[] = [];
  const paths: string[] = [];
  for (const line of output.split("\n")) {
    const [, branch, name] = /^([│├└─┬ ]+ )([^ │├└].*?) \([\d.]+[KM]?B/.exec(line) ?? [];
    if (branch === undefined || name === undefined) continue;
    path.length = branch.length / 2 - 2;
    path.push(name);
    paths.push(path.join("/"));
  }
  return paths;
}

/** The packages that the program imports, and theirs. */
async function neededPackages(): Promise<string[]> {
  const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json", "main.ts"], cwd: ROOT });
  const info: { npmPackages: Record<string, { name: string }> } = JSON.parse(
    new TextDecoder().decode((await command.output()).stdout),
  );
  return [...new Set(Object.values(info.npmPackages).map(({ name }) => name))].sort();
}

Deno.test("The compile task embeds the program and its packages, and nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [, ...args] = project.tasks.compile.replace("dist/sallyport", `${folder}/sallyport`).split(" ");
    assertEquals(args.filter((word) => word.startsWith("--allow")), ["--allow-net"]);
    assert(args.includes("--no-prompt"));
    // The runtime that would be downloaded is stood in for: the step itself is the same, the result does not run.
    const env = { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" };
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env }).output();
    const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertEquals(success, true, output);

    const paths = embeddedPaths(output);
    const modules = ".deno_compile_node_modules/localhost/";
    const packages = paths.filter((path) => path.startsWith(modules) && path.endsWith("*")).map((path) =>
      /^(@[^/]+\/)?[^/]+/.exec(path.slice(modules.length))?.[0] ?? path
    );
    assertEquals(packages.sort(), await neededPackages());
    const files = paths.filter((path) => !path.startsWith(".deno_compile_node_modules"));
    assert(files.includes("main.ts") && files.includes("src/rpc/dispatcher.ts"), output);
    assertEquals(files.filter((path) => !/^(main\.ts|deno\.json|src(\/.*)?)$/.test(path)), []);
    assertEquals(files.filter((path) => /_test\.ts$|^tests|bench|conformance/.test(path)), []);

    const [, megabytes] = /Files: ([\d.]+)MB/.exec(output) ?? [];
    console.log(`embedded: ${megabytes} MB`);
    assert(Number(megabytes) < MAX_EMBEDDED_MB, output);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
