/**
 * What both sides of a WebSocket do in the same way (RFC 6455): the head of a frame, the mask, and the key that answers a
 * handshake. The server's side is in `transport/websocket`, the client's in `upstream`.
 *
 * It may import nothing, and knows bytes. You are in the wrong place when you write what a message means, how long it may be,
 * or what is done with a peer that breaks a rule.
 */
export * from "./frame_head.ts";
export { acceptKey } from "./accept_key.ts";
export { applyMask } from "./mask.ts";
