// The one place that names this package's version. It is not in deno.json, whose packages `deno task` writes into deno.lock:
// who only runs the program would download it (measured: 100 MB for all of tests/clients).
export * from "npm:viem@2.57.20";
