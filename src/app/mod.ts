// Composition: what the flags say becomes a node, its accounts, the stream of events, the tables of methods and the
// endpoints over them. server.ts binds ports, serve.ts runs on a host that binds them, ../mod.ts is the library; all
// three share service.ts and endpoints.ts. It may import every layer, and no layer but `log` may import it. If you are
// writing a rule of a protocol here, you are in the wrong place: it belongs to the layer that you are composing.

export { start } from "./server.ts";
