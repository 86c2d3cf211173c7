import asc from "npm:assemblyscript@0.28.20/asc";

/** The sources of the EVM core, and what is made of them. */
const SOURCES = new URL("../../../src/evm/core/", import.meta.url);
const WASM = new URL("../../../src/evm/core.wasm", import.meta.url);
const TEXT = new URL("../../../src/evm/core_wasm.ts", import.meta.url);

/** 35.6 MB that are reserved, and taken only where they are touched: the stacks of 1,025 frames need 32 MB at most. */
const INITIAL_PAGES = 544;
const ENTRY = "core.ts";

const OPTIONS = [
  ...["-O3", "--converge", "--noAssert", "--runtime", "stub", "--initialMemory", `${INITIAL_PAGES}`],
  // Sizes are 32 bits here and stay so.
  ...["--disableWarning", "201"],
];

/** Compiles the core; the same sources give the same bytes. */
export async function buildCore(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await asc.main([ENTRY, ...OPTIONS, "--outFile", "core.wasm"], {
    readFile: (name: string) => {
      try {
        return Deno.readTextFileSync(new URL(name, SOURCES));
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return null;
        throw error;
      }
    },
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (contents instanceof Uint8Array) wasm = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || wasm === undefined) throw new Error(`the core does not compile:\n${stderr.toString()}`);
  return wasm;
}

/** The module that carries the bytes as text. */
export function textModule(wasm: Uint8Array): string {
  return [
    "// Made from core/ by `deno task evm`. The bytes of core.wasm as text: see README.md.",
    "// deno-fmt-ignore-file",
    `export const CORE_WASM = "${wasm.toBase64()}";`,
    "",
  ].join("\n");
}

if (import.meta.main) {
  const wasm = await buildCore();
  await Deno.writeFile(WASM, wasm);
  await Deno.writeTextFile(TEXT, textModule(wasm));
  console.log(`src/evm/core.wasm: ${wasm.length} bytes`);
}
