import type { UpstreamAddress, UpstreamKind } from "./address.ts";
import { BatchingChannel } from "./batching_channel.ts";
import { HttpChannel } from "./http_channel.ts";
import { connectIpc } from "./ipc_channel.ts";
import type { Channel } from "./session.ts";

/** Opens a connection to an upstream; replaced in tests. */
export type Connector = (address: UpstreamAddress) => Promise<Channel>;

/** Opens a channel of each kind. */
const CHANNELS = {
  http: (address) => Promise.resolve(new HttpChannel(address)),
  ipc: connectIpc,
  async ws(address) {
    // The package is loaded only for an upstream: the embedded chain does not need it.
    const { connectWebSocket } = await import("./websocket_channel.ts");
    return await connectWebSocket(address);
  },
} satisfies Record<UpstreamKind, Connector>;

/** Opens real connections. */
export const connect: Connector = (address) => CHANNELS[address.kind](address);

/** Opens real connections; calls over HTTP that are made in one step share a request. */
export const connectForBatches: Connector = (address) =>
  address.kind === "http" ? Promise.resolve(new BatchingChannel(new HttpChannel(address))) : connect(address);
