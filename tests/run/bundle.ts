/**
 * `deno task bundle`: makes one JavaScript file of the program. Its worker starts from a text and can import neither our
 * files nor, beside a bundle, packages. So the modules whose text goes to the worker are bundled first, each by itself, and
 * an import map puts them in the place of their sources.
 */
import project from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);
const CRYPTO = new URL("src/crypto/", ROOT);

/** Bundles the program into the file `output`; throws with what the bundler says. */
export async function bundleProgram(output: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const imports: Record<string, string> = { ...project.imports };
    for (const source of workerModules()) {
      const bundled = `${folder}/${source.replaceAll("/", "_").replace(/ts$/, "js")}`;
      await bundle(["--minify", "--platform", "browser", "--output", bundled, `src/crypto/${source}`]);
      imports[new URL(source, CRYPTO).href] = `file://${bundled}`;
    }
    const map = `${folder}/imports.json`;
    await Deno.writeTextFile(map, JSON.stringify({ imports }));
    await bundle(["--import-map", map, "--output", output, "main.ts"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The files that the worker is made of, relative to `src/crypto`. */
function workerModules(): readonly string[] {
  const arithmetic = [...Deno.readDirSync(new URL("arithmetic/", CRYPTO))].map(({ name }) => name);
  return ["heavy_worker.ts", ...arithmetic.filter((name) => name.endsWith(".ts")).map((name) => `arithmetic/${name}`)];
}

async function bundle(args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--lock=tests/deno.lock", ...args],
    cwd: ROOT.pathname,
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

if (import.meta.main) await bundleProgram("dist/sallyport.js");
