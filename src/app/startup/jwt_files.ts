import { StartError } from "./start_error.ts";
import { readTextFile } from "./named_file.ts";

/** The flags about tokens. */
export interface JwtPaths {
  readonly "ws.jwtsecret"?: string | undefined;
  readonly "http.jwtsecret"?: string | undefined;
  /** A URL, or the path of a file. */
  readonly "auth.jwks"?: string | undefined;
}

/** The secrets of tokens, by the endpoint that they are for. */
export type JwtSecrets = { readonly [endpoint in "ws" | "http"]?: Uint8Array<ArrayBuffer> | undefined };

const SECRET_FLAGS = ["ws.jwtsecret", "http.jwtsecret"] as const;
const SECRET = /^(?:0x)?([0-9a-fA-F]{64})$/;
const URL_SCHEME = /^https?:\/\//i;
const DEFAULT_PORT: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };

/** Returns the URL of --auth.jwks; undefined when it names a file. */
export function jwksUrl({ "auth.jwks": jwks }: JwtPaths): URL | undefined {
  return jwks !== undefined && URL_SCHEME.test(jwks) ? new URL(jwks) : undefined;
}

/** Returns `host:port` of a URL, for the permission. */
export function hostOfUrl(url: URL): string {
  return `${url.hostname}:${url.port || DEFAULT_PORT[url.protocol]}`;
}

/** Lists the files of secrets, which are read once, and that of --auth.jwks, which is read again. */
export function jwtPaths(paths: JwtPaths): { readonly once: readonly string[]; readonly keep: readonly string[] } {
  const isFile = paths["auth.jwks"] !== undefined && jwksUrl(paths) === undefined;
  return {
    once: SECRET_FLAGS.flatMap((flag) => paths[flag] ?? []),
    keep: isFile && paths["auth.jwks"] !== undefined ? [paths["auth.jwks"]] : [],
  };
}

/** Reads the files of --ws.jwtsecret and --http.jwtsecret. Throws {@link StartError}, which shows nothing of them. */
export async function readJwtSecrets(paths: JwtPaths): Promise<JwtSecrets> {
  const [ws, http] = await Promise.all(SECRET_FLAGS.map((flag) => readSecret(flag, paths[flag])));
  return { ws, http };
}

async function readSecret(flag: string, path: string | undefined): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (path === undefined) return undefined;
  const text = (await readTextFile(flag, path)).trim();
  const [, hex] = SECRET.exec(text) ?? [];
  if (hex !== undefined) return Uint8Array.fromHex(hex);
  throw new StartError(
    `--${flag}: cannot use ${JSON.stringify(path)}: expected 32 bytes in hex, got ${text.length} characters; ` +
      "openssl rand -hex 32 makes some",
  );
}

/** Reads the file of --auth.jwks; undefined where it is a URL or is not given. */
export async function readJwksFile(paths: JwtPaths): Promise<string | undefined> {
  const [path] = jwtPaths(paths).keep;
  return path === undefined ? undefined : await readTextFile("auth.jwks", path);
}
