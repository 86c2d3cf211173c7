import { assertEquals } from "@std/assert";
import { ServerProcess } from "../e2e/server_process.ts";
import { viemScenario } from "../e2e/viem_scenario.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("The bundle is one file that serves everything the program does", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const program = `${folder}/sallyport.js`;
    const bundle = new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--quiet", "--lock=tests/deno.lock", "--output", program, "main.ts"],
      cwd: ROOT,
    });
    const { success, stderr } = await bundle.output();
    assertEquals(success, true, new TextDecoder().decode(stderr));
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["sallyport.js"]);
    await using server = await ServerProcess.start({ program, cwd: folder });
    await viemScenario(t, server.url);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
