/**
 * Who may come in, as the flags say: the credentials of each endpoint, and what happens when their files change. Without one
 * of these flags nothing of it is loaded.
 */
import type { Credential, KeyEntry, Keys, Sessions } from "../access/mod.ts";
import type { Config } from "../cli/mod.ts";
import type { Accept, ConnectionHandler, Principal } from "../rpc/mod.ts";
import type { Authorize } from "../transport/mod.ts";
import type { Reloadable } from "./reload.ts";
import type { GuardedEndpoint } from "./token_access.ts";
import { fileFault, type InputFiles, readTextFile } from "./startup/mod.ts";

/** The decisions about clients that the endpoints of one service share. */
export interface Access {
  /** Returns the decision about the requests of an endpoint; undefined where everybody may come in. */
  authorize(endpoint: GuardedEndpoint): Authorize | undefined;
  /** Serves a connection for as long as its credential is valid. */
  readonly guard: (accept: Accept) => Accept;
  /** The files of credentials that are read again; connections whose credential is gone by then are closed. */
  readonly reloadables: readonly Reloadable[];
}

type AccessLayer = typeof import("../access/mod.ts");

/** Opens what the flags name; undefined when none is given. Throws {@link StartError} for a file that cannot be used. */
export async function openAccess(
  config: Config,
  inputs: Pick<InputFiles, "keys" | "jwtSecrets" | "jwks">,
): Promise<Access | undefined> {
  const hasTokens = config["auth.jwks"] !== undefined || inputs.jwtSecrets !== undefined;
  if (inputs.keys === undefined && !hasTokens) return undefined;
  const layer = await import("../access/mod.ts");
  const sessions = new layer.Sessions();
  const keys = inputs.keys === undefined
    ? undefined
    : new layer.Keys(readKeys(layer, { text: inputs.keys, path: config["auth.keys"] }));
  const tokens = hasTokens ? await (await import("./token_access.ts")).openTokens(config, inputs) : undefined;
  return {
    authorize(endpoint) {
      const credentials: Credential[] = [...keys === undefined ? [] : [keys], ...tokens?.credentials(endpoint) ?? []];
      return credentials.length === 0 ? undefined : layer.createAuthorizer(credentials);
    },
    guard: (accept) => guarded(accept, sessions),
    reloadables: [
      ...keys === undefined ? [] : [keysReload(config, { layer, keys, sessions })],
      ...tokens?.reloadables ?? [],
    ],
  };
}

/** Reads the text of the file of keys. Throws {@link StartError} that names the file and the place in it. */
function readKeys(
  { parseKeyFile, KeyFileError }: AccessLayer,
  { text, path }: { readonly text: string; readonly path: string | undefined },
): readonly KeyEntry[] {
  try {
    return parseKeyFile(text);
  } catch (cause) {
    throw cause instanceof KeyFileError ? fileFault({ flag: "auth.keys", path, cause }) : cause;
  }
}

function keysReload(
  config: Config,
  { layer, keys, sessions }: { layer: AccessLayer; keys: Keys; sessions: Sessions },
): Reloadable {
  return {
    what: "--auth.keys",
    async reload() {
      const path = config["auth.keys"] ?? "";
      const entries = readKeys(layer, { text: await readTextFile("auth.keys", path), path });
      const before = new Set<Principal>(keys.principals);
      keys.replace(entries);
      // The principals of tokens are none of the keys'.
      sessions.recheck((principal) => !before.has(principal) || keys.isCurrent(principal));
      return `${entries.length} keys`;
    },
  };
}

function guarded(accept: Accept, sessions: Sessions): Accept {
  return (connection) => {
    const { principal } = connection.peer;
    const handler = accept(connection);
    return principal === null ? handler : watched(handler, sessions.open(connection, principal));
  };
}

function watched(handler: ConnectionHandler, end: () => void): ConnectionHandler {
  return {
    message: (data) => handler.message(data),
    drain: () => handler.drain(),
    cancel: () => handler.cancel(),
    closed() {
      end();
      handler.closed();
    },
  };
}
