import type { Clock } from "../../src/concurrency/clock.ts";
import { createAccounts, type DevAccount, type Exposure } from "../../src/accounts/mod.ts";
import { ethAccountRows } from "../../src/namespaces/eth/account.ts";
import { ethSignRows } from "../../src/namespaces/eth/sign.ts";
import { personalTable } from "../../src/namespaces/personal.ts";
import { createDispatcher } from "../../src/rpc/dispatcher.ts";
import { DEFAULT_LIMITS } from "../../src/rpc/limits.ts";
import { createRegistry } from "../../src/rpc/registry.ts";
import { listen } from "../support/listener.ts";
import { type CapturedLog, captureLog, withFolder } from "../accounts/capture.ts";
import { type Call, closeSocket, openSocket } from "../accounts/socket.ts";
import { SigningLedger } from "./signing_ledger.ts";

/** The first account of the test mnemonic. */
export const DEV: DevAccount = {
  address: "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
  privateKey: "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
};
export const STRANGER = "0x00000000000000000000000000000000000000aa";

export interface AccountServer {
  readonly call: Call;
  /** Opens another connection. */
  connect(): Promise<Call>;
  readonly ledger: SigningLedger;
  readonly log: CapturedLog;
  /** The keystore's folder, empty without one. */
  readonly folder: string;
  /** Every text that a socket delivered. */
  readonly received: string[];
}

export interface ServerSetting {
  readonly keystore?: boolean;
  readonly exposure?: Partial<Exposure>;
  readonly feeCap?: bigint;
  readonly clock?: Clock;
}

/** Serves eth's account rows and personal over a real socket for as long as `use` runs. */
export async function withAccountServer(
  setting: ServerSetting,
  use: (server: AccountServer) => Promise<void>,
): Promise<void> {
  if (setting.keystore !== true) return await serve({ ...setting, folder: "" }, use);
  await withFolder((folder) => serve({ ...setting, folder }, use));
}

async function serve(
  setting: ServerSetting & { folder: string },
  use: (server: AccountServer) => Promise<void>,
): Promise<void> {
  const { folder, exposure, feeCap = 10n ** 18n, clock } = setting;
  const log = captureLog();
  const accounts = await createAccounts({
    devAccounts: [DEV],
    keystore: folder === "" ? undefined : { folder, light: true },
    exposure: { networkEndpoint: true, insecureUnlock: "on", address: "127.0.0.1", origins: [], ...exposure },
    log,
    clock,
  });
  const ledger = new SigningLedger();
  const outgoing = { node: ledger.node, accounts, policy: { feeCap } };
  const registry = createRegistry([
    { namespace: "eth", methods: { ...ethAccountRows(outgoing), ...ethSignRows(outgoing) } },
    personalTable({ ...outgoing, log }),
  ], { allow: ["eth", "personal"] });
  const listener = await listen({
    addr: "127.0.0.1",
    port: 0,
    prefix: "",
    origins: [],
    maxConnections: 10,
    maxMessageBytes: 2 ** 25,
    sendBufferBytes: 2 ** 24,
    idleTimeoutMs: 30_000,
    log,
  }, (connection) => createDispatcher(connection, { registry, limits: DEFAULT_LIMITS, log }));
  const received: string[] = [];
  const sockets: WebSocket[] = [];
  const connect = async () => {
    const { socket, call } = await openSocket(listener.url, received);
    sockets.push(socket);
    return call;
  };
  try {
    await use({ call: await connect(), connect, ledger, log, folder, received });
  } finally {
    for (const socket of sockets) await closeSocket(socket);
    await listener.stop({ graceMs: 0 });
    accounts.close();
  }
}
