/** One request of a case and the answer that must come back. */
export interface Exchange {
  readonly request: string;
  readonly expected: unknown;
}

/** One `.io` file of the official test suite of the Ethereum JSON-RPC specification. */
export interface IoCase {
  /** `method/case`. */
  readonly name: string;
  readonly method: string;
  /** Only the shape of the answers counts. */
  readonly shapeOnly: boolean;
  readonly exchanges: readonly Exchange[];
}

/** Reads the text of an `.io` file: `//` comments, `>>` requests, `<<` answers. */
export function parseIoCase(name: string, text: string): IoCase {
  const exchanges: Exchange[] = [];
  let request: string | null = null;
  let shapeOnly = false;
  for (const line of text.split("\n")) {
    if (line.startsWith("//")) shapeOnly ||= /^\/\/\s*speconly:/.test(line);
    else if (line.startsWith(">>")) request = line.slice(2).trim();
    else if (line.startsWith("<<")) {
      if (request === null) throw new Error(`${name}: an answer without a request`);
      exchanges.push({ request, expected: JSON.parse(line.slice(2)) });
      request = null;
    }
  }
  return { name, method: name.split("/")[0] ?? name, shapeOnly, exchanges };
}

/** Reads every case of a suite's folder, ordered by name. */
export async function readIoCases(folder: string): Promise<IoCase[]> {
  const cases: IoCase[] = [];
  for await (const method of Deno.readDir(folder)) {
    if (!method.isDirectory) continue;
    for await (const file of Deno.readDir(`${folder}/${method.name}`)) {
      if (!file.name.endsWith(".io")) continue;
      const text = await Deno.readTextFile(`${folder}/${method.name}/${file.name}`);
      cases.push(parseIoCase(`${method.name}/${file.name.slice(0, -".io".length)}`, text));
    }
  }
  return cases.sort((a, b) => (a.name < b.name ? -1 : 1));
}
