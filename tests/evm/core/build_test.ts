import { assertEquals } from "@std/assert";
import { buildCore, textModule } from "./build.ts";

function read(path: string): Uint8Array {
  return Deno.readFileSync(new URL(`../../../src/evm/${path}`, import.meta.url));
}

Deno.test("The core that is committed is the one that its sources make, byte for byte", async () => {
  const built = await buildCore();
  assertEquals(read("core.wasm").toHex() === built.toHex(), true, "run `deno task evm`");
  assertEquals(new TextDecoder().decode(read("core_wasm.ts")) === textModule(built), true, "run `deno task evm`");
});

Deno.test("The core imports nothing", () => {
  const module = new WebAssembly.Module(read("core.wasm") as Uint8Array<ArrayBuffer>);
  assertEquals(WebAssembly.Module.imports(module), []);
});
