/** Where the official vectors are when they are there; the project does not contain them. */
const VECTORS = new URL("../../../../shared/conformance/evm/", import.meta.url);

/** The path of an archive of official vectors, undefined when it is not there. */
export function vectorArchive(name: string): URL | undefined {
  const archive = new URL(name, VECTORS);
  try {
    Deno.statSync(archive);
    return archive;
  } catch {
    return undefined;
  }
}

/** An archive unpacked into a temporary folder, which goes when the value is disposed of. */
export class UnpackedArchive implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Unpacks a `.tar.gz` file with the system's `tar`. */
  static async open(archive: URL): Promise<UnpackedArchive> {
    const folder = await Deno.makeTempDir({ prefix: "sallyport_vectors_" });
    const unpacked = new UnpackedArchive(folder);
    const { success, stderr } = await new Deno.Command("tar", {
      args: ["xzf", decodeURIComponent(archive.pathname), "-C", folder],
      stderr: "piped",
    }).output();
    if (success) return unpacked;
    await unpacked[Symbol.asyncDispose]();
    throw new Error(`tar: ${new TextDecoder().decode(stderr).trim()}`);
  }

  /** The paths of all files, in the order of their names. */
  files(): string[] {
    return filesBelow(this.#folder).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }
}

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesBelow(path) : [path];
  });
}
