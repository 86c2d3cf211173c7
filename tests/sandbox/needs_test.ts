import { assertEquals } from "@std/assert";
import { leastCommandLine, type Needs } from "../../src/sandbox/mod.ts";

const PLAIN: Needs = { hostname: "127.0.0.1", port: 8546, keep: [], program: "main.ts", args: ["--ws"] };

Deno.test("leastCommandLine names the listening address and nothing else", () => {
  assertEquals(leastCommandLine(PLAIN), "deno run --cached-only --allow-net=127.0.0.1:8546 main.ts --ws");
});

Deno.test("leastCommandLine joins what is kept of one kind, and names a whole kind without a scope", () => {
  const keep = [
    { name: "net", scope: "node.example:8546" },
    { name: "read", scope: "/keys" },
    { name: "write", scope: "/keys" },
    { name: "env" },
    { name: "env", scope: "HOME" },
  ] as const;
  assertEquals(
    leastCommandLine({ ...PLAIN, keep }),
    "deno run --cached-only --allow-net=127.0.0.1:8546,node.example:8546 --allow-read=/keys --allow-write=/keys --allow-env main.ts --ws",
  );
});

Deno.test("leastCommandLine can be pasted into a shell", () => {
  assertEquals(
    leastCommandLine({
      ...PLAIN,
      hostname: "::1",
      keep: [{ name: "read", scope: "/my keys" }],
      args: ["--ws", "--ws.origins", "*", "--dev.mnemonic", "it's"],
    }),
    `deno run --cached-only '--allow-net=[::1]:8546' '--allow-read=/my keys' main.ts --ws --ws.origins '*' --dev.mnemonic 'it'\\''s'`,
  );
});
