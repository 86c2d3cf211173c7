import { assertEquals } from "@std/assert";
import { startGeth } from "../bench/targets.ts";
import { toolTest } from "../support/tools.ts";
import { ServerProcess } from "./server_process.ts";

/** Builds the program with go-ethereum's client; null where its module cannot be had. */
async function build(go: string, folder: string): Promise<string | null> {
  await Deno.copyFile(new URL("./go_client/go.mod", import.meta.url), `${folder}/go.mod`);
  await Deno.copyFile(new URL("./go_scenario/main.go", import.meta.url), `${folder}/main.go`);
  const built = await new Deno.Command(go, {
    args: ["build", "-o", "scenario", "."],
    cwd: folder,
    env: { GOFLAGS: "-mod=mod" },
  }).output();
  if (built.success) return `${folder}/scenario`;
  const said = new TextDecoder().decode(built.stderr);
  if (!/dial tcp|i\/o timeout|no such host|404 Not Found|module lookup disabled/.test(said)) throw new Error(said);
  console.warn("the module go-ethereum cannot be had: its client is not tried");
  return null;
}

async function assertPlays(scenario: string, url: string): Promise<void> {
  const { stdout, stderr } = await new Deno.Command(scenario, { args: [url] }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.at(-1), "everything held", `${lines.join("\n")}\n${new TextDecoder().decode(stderr)}`);
}

toolTest("go", {
  name:
    "go-ethereum's client works before geth, through a gateway before geth, and through one before another Sallyport",
  async fn(go) {
    const folder = await Deno.makeTempDir({ prefix: "sallyport_go_" });
    try {
      const scenario = await build(go, folder);
      if (scenario === null) return;
      await using geth = await startGeth();
      if (geth !== null) {
        // The scenario claims what geth does, so geth itself must hold.
        await assertPlays(scenario, geth.url);
        await using gateway = await ServerProcess.start({ flags: ["--upstream", geth.url] });
        await assertPlays(scenario, gateway.url);
      }
      await using chain = await ServerProcess.start();
      await using gateway = await ServerProcess.start({ flags: ["--upstream", chain.url] });
      await assertPlays(scenario, gateway.url);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
