/**
 * Who may come in, as the flags say: the credentials of each endpoint, and what happens when their files change. Without one
 * of these flags nothing of it is loaded.
 */
import type { KeyEntry, Keys, Sessions } from "../access/mod.ts";
import type { Config } from "../cli/mod.ts";
import type { Accept, ConnectionHandler } from "../rpc/mod.ts";
import type { Authorize } from "../transport/mod.ts";
import { logger } from "./log.ts";
import { fileFault, type InputFiles, readTextFile } from "./startup/mod.ts";

/** An endpoint that asks who is there. */
export type GuardedEndpoint = "ws" | "http";

/** The decisions about clients that the endpoints of one service share. */
export interface Access {
  /** Returns the decision about the requests of an endpoint; undefined where everybody may come in. */
  authorize(endpoint: GuardedEndpoint): Authorize | undefined;
  /** Serves a connection for as long as its credential is valid. */
  readonly guard: (accept: Accept) => Accept;
  /** Reads the files of credentials again and closes connections whose credential is gone. A bad file changes nothing. */
  reload(): Promise<void>;
}

type AccessLayer = typeof import("../access/mod.ts");

/** Opens what the flags name; undefined when none is given. Throws {@link StartError} for a file that cannot be used. */
export async function openAccess(config: Config, inputs: Pick<InputFiles, "keys">): Promise<Access | undefined> {
  if (inputs.keys === undefined) return undefined;
  const layer = await import("../access/mod.ts");
  const keys = new layer.Keys(readKeys(layer, { text: inputs.keys, path: config["auth.keys"] }));
  const sessions = new layer.Sessions();
  const authorize = layer.createAuthorizer([keys]);
  return {
    authorize: () => authorize,
    guard: (accept) => guarded(accept, sessions),
    reload: () => reload(config, { layer, keys, sessions }),
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

async function reload(
  config: Config,
  { layer, keys, sessions }: { layer: AccessLayer; keys: Keys; sessions: Sessions },
): Promise<void> {
  const path = config["auth.keys"];
  if (path === undefined) return;
  const log = logger("access");
  try {
    const entries = readKeys(layer, { text: await readTextFile("auth.keys", path), path });
    keys.replace(entries);
    log.info("Read the keys again", { keys: entries.length });
  } catch (cause) {
    log.error("Keeping the keys as they were", { reason: cause instanceof Error ? cause.message : cause });
    return;
  }
  sessions.recheck((principal) => keys.isCurrent(principal));
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
