/** A program that some tests run against; `tests/setup.sh` brings it where it can. */
export type Tool = "anvil" | "cast" | "chromium" | "geth" | "go" | "nats-server" | "web3-python";

/** The variables that name a program's path. */
const VARIABLES: Readonly<Record<Tool, string>> = {
  anvil: "ANVIL",
  cast: "CAST",
  chromium: "CHROMIUM_PATH",
  geth: "GETH",
  go: "GO",
  "nats-server": "NATS_SERVER",
  "web3-python": "WEB3_PYTHON",
};

/** Returns the path of a program: as its variable says, as the set-up brought it, or from the PATH; undefined when missing. */
export function findTool(tool: Tool): string | undefined {
  const named = Deno.env.get(VARIABLES[tool]);
  if (named !== undefined) return named;
  const home = Deno.env.get("HOME") ?? "/tmp";
  const brought = Deno.env.get("SALLYPORT_TOOLS") ?? `${home}/.cache/sallyport-tools`;
  const folders = [`${brought}/bin`, ...(Deno.env.get("PATH") ?? "").split(":"), `${home}/go/bin`, "/usr/local/go/bin"];
  return folders.map((folder) => `${folder}/${tool}`).find(isFile);
}

/** A test that runs against a program; ignored, and saying so in its name, where the program is missing. */
export function toolTest(
  tool: Tool,
  test: Omit<Deno.TestDefinition, "ignore" | "fn"> & {
    fn: (program: string, context: Deno.TestContext) => Promise<void>;
  },
): void {
  const program = findTool(tool);
  Deno.test({
    ...test,
    name: program === undefined ? `${test.name} (needs ${tool}, which is not installed)` : test.name,
    ignore: program === undefined,
    fn: (context) => test.fn(program ?? tool, context),
  });
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
