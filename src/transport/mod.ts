/**
 * Sockets and bytes: a port is bound, a handshake is judged, and what gets through becomes a `Connection` that carries
 * whole messages of bounded size at the pace of its peer. Everything here would serve another protocol as well.
 *
 * May import: the types of `rpc/connection.ts`, and nothing else of ours.
 *
 * You are in the wrong place if you are about to parse JSON, name a method, or read a flag. What a message means is
 * `rpc/`'s business; what the process may do is `sandbox/`'s; which options there are is `cli/`'s.
 */
export { CLOSE } from "./close.ts";
export { within } from "./deadline.ts";
export { addressOf, createEndpoint, type Endpoint, type EndpointOptions, type RequestInfo } from "./endpoint.ts";
export { isUpgrade, pathOf, refusalResponse, servesPath, upgradeRequired } from "./handshake.ts";
export { bind, type Bound, type Door, listen, type Listener, type ListenOptions } from "./listener.ts";
export type { TransportLog } from "./log.ts";
export { connectMemory, type MemoryClient } from "./memory.ts";
export { type OriginPolicy, originPolicy } from "./origin.ts";
export { type CloseCount, type RefusalKind, TransportTally } from "./tally.ts";
export { WINDOW_BYTES } from "./websocket.ts";
