const ROOT = new URL("../../", import.meta.url).pathname;
const ENTRY = "src/crypto/heavy_worker.ts";
const TEXT = "src/crypto/heavy_worker.txt";

/** Makes one module of the worker and all that it imports; the same sources and runtime give the same text. */
export async function buildWorker(): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--lock=tests/deno.lock", "--minify", "--platform", "browser", ENTRY],
    cwd: ROOT,
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

export function committedWorker(): Promise<string> {
  return Deno.readTextFile(ROOT + TEXT);
}

if (import.meta.main) {
  const text = await buildWorker();
  await Deno.writeTextFile(ROOT + TEXT, text);
  console.log(`${TEXT}: ${text.length} characters`);
}
