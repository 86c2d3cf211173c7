import type { FactDatabase } from "../../fork/facts/fact_database.ts";
import { keystoreGrants } from "../../accounts/key_file.ts";
import { readPasswords } from "../../accounts/password_file.ts";
import type { Database } from "../../chain/journal/database.ts";
import { type ExportFile, exportGrants, openExport } from "./export_file.ts";
import { datadirGrants, type DatadirPaths, openDatadir } from "./datadir.ts";
import {
  hostOfUrl,
  jwksUrl,
  type JwtPaths,
  jwtPaths,
  type JwtSecrets,
  readJwksFile,
  readJwtSecrets,
} from "./jwt_files.ts";
import { auditGrants } from "./audit_file.ts";
import { type FileGrant, readFile, readTextFile, requireFilePermission, requireNetPermission } from "./named_file.ts";
import { readTls, type Tls, type TlsPaths, tlsPaths } from "./tls_files.ts";

/** The flags that name files and folders. */
export interface InputPaths extends TlsPaths, JwtPaths, DatadirPaths {
  readonly genesis: string | undefined;
  readonly import: string | undefined;
  readonly password?: string | undefined;
  readonly keystore?: string | undefined;
  readonly "upstream.config"?: string | undefined;
  readonly "auth.keys"?: string | undefined;
  readonly export?: string | undefined;
  readonly audit?: string | undefined;
}

/** The contents of the files that are read once. */
export interface InputFiles {
  readonly genesis: string | undefined;
  readonly blocks: Uint8Array | undefined;
  /** The lines of --password. */
  readonly passwords: readonly string[] | undefined;
  /** The certificate of the ports; undefined where they are plain. */
  readonly tls?: Tls | undefined;
  /** The text of --auth.keys. */
  readonly keys?: string | undefined;
  /** The open file of --datadir, which the chain takes over. */
  readonly database?: Database | undefined;
  /** The open file of --datadir of a fork. */
  readonly facts?: FactDatabase | undefined;
  /** The open file of --export. */
  readonly exported?: ExportFile | undefined;
  /** The secrets of --ws.jwtsecret and --http.jwtsecret; undefined where neither is given. */
  readonly jwtSecrets?: JwtSecrets | undefined;
  /** The text of --auth.jwks, where that is a file. */
  readonly jwks?: string | undefined;
}

/** The permissions for those files: `once` until they are read, `keep` for as long as the server runs. */
export interface FileGrants {
  readonly once: readonly FileGrant[];
  readonly keep: readonly (FileGrant | NetGrant)[];
}

/** The permission to connect to a host. */
export interface NetGrant {
  readonly name: "net";
  readonly scope: string;
}

/** Lists the permissions for the files and folders that flags name. */
export function fileGrants(paths: InputPaths): FileGrants {
  const files = [paths.genesis, paths.import, paths.password, paths["upstream.config"]].filter((path) =>
    path !== undefined
  );
  const read = (scope: string): FileGrant => ({ name: "read", scope });
  const tls = tlsPaths(paths).map(({ path }) => read(path));
  const tokens = jwtPaths(paths);
  const url = jwksUrl(paths);
  const isReloaded = paths["tls.reload"] === true;
  const keys = paths["auth.keys"];
  return {
    once: [
      ...files.map(read),
      ...tokens.once.map(read),
      ...isReloaded ? [] : tls,
      ...datadirGrants(paths),
      ...exportGrants(paths.export),
      ...auditGrants(paths.audit),
    ],
    keep: [
      ...paths.keystore === undefined ? [] : keystoreGrants(paths.keystore),
      ...isReloaded ? tls : [],
      // These are read again when the process is told so.
      ...keys === undefined ? [] : [read(keys)],
      ...tokens.keep.map(read),
      ...url === undefined ? [] : [{ name: "net", scope: hostOfUrl(url) } satisfies NetGrant],
    ],
  };
}

/**
 * Reads the files of --genesis, --import, --password and --auth.keys, opens those of --datadir and --export, and makes sure
 * that the folder of --keystore may be used; all before the permissions are dropped. Throws {@link StartError}, or accounts'
 * `StartRefused` for the passwords.
 */
export async function readInputFiles(paths: InputPaths): Promise<InputFiles> {
  const [genesis, blocks] = await Promise.all([readFile("genesis", paths.genesis), readFile("import", paths.import)]);
  requireKeystore(paths);
  const keys = paths["auth.keys"];
  return {
    genesis: genesis === undefined ? undefined : new TextDecoder().decode(genesis),
    blocks,
    passwords: await readPasswordFile(paths.password),
    ...paths["tls.cert"] === undefined ? {} : { tls: await readTls(paths) },
    ...keys === undefined ? {} : { keys: await readTextFile("auth.keys", keys) },
    ...await readTokenFiles(paths),
    ...paths.export === undefined ? {} : { exported: await openExport(paths.export) },
    ...await openDatadir(paths),
  };
}

/** Makes sure that the folder of --keystore may be used. Throws {@link StartError}. */
export function requireKeystore({ keystore }: InputPaths): void {
  if (keystore === undefined) return;
  for (const grant of keystoreGrants(keystore)) requireFilePermission("keystore", grant);
}

async function readTokenFiles(paths: InputPaths): Promise<Pick<InputFiles, "jwtSecrets" | "jwks">> {
  const url = jwksUrl(paths);
  if (url !== undefined) requireNetPermission("auth.jwks", hostOfUrl(url));
  const jwks = await readJwksFile(paths);
  return {
    ...jwtPaths(paths).once.length === 0 ? {} : { jwtSecrets: await readJwtSecrets(paths) },
    ...jwks === undefined ? {} : { jwks },
  };
}

async function readPasswordFile(path: string | undefined): Promise<readonly string[] | undefined> {
  if (path === undefined) return undefined;
  requireFilePermission("password", { name: "read", scope: path });
  return await readPasswords(path);
}
