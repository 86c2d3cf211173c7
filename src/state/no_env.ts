import process from "node:process";

// Imported before anything of @ethereumjs: its `debug` dependency enumerates process.env when it loads, which dies
// without --allow-env (measured). An empty object in its place costs nothing, and no log line of theirs is wanted.
Object.defineProperty(process, "env", { value: {}, configurable: true, enumerable: true, writable: true });
