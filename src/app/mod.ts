// Composition: the flags become a node, its accounts, the stream of events, the tables of methods and the endpoints over
// them. launch.ts comes first: it reads files, binds ports and gives the permissions back, and loads no package but @std.
// server.ts then runs the program on those ports, serve.ts runs on a host that binds the port, ../mod.ts is the library; all
// three share service.ts and endpoints.ts. It may import every layer, and no layer but `log` may import it. If you are
// writing a rule of a protocol here, you are in the wrong place: it belongs to the layer that you are composing.

export { start } from "./server.ts";
