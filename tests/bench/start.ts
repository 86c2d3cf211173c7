import { ServerProcess } from "../e2e/server_process.ts";
import { RawSocket, textFrame } from "./raw_socket.ts";
import type { Row } from "./report.ts";
import { startBare, type Target } from "./targets.ts";

/** Milliseconds from the start of the process to the first answer, caches warm. */
export async function startRows(rounds: number): Promise<Row[]> {
  const row: Row = { name: "start to first answer", unit: "ms", figures: {} };
  const starts: Record<string, () => Promise<Pick<Target, "url"> & AsyncDisposable>> = {
    sallyport: () => ServerProcess.start(),
    bare: () => startBare('"0x539"'),
  };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, start] of Object.entries(starts)) {
      const begun = performance.now();
      await using target = await start();
      const socket = await RawSocket.open(target.url);
      await socket.write(textFrame('{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}'));
      await socket.take(1);
      const elapsed = performance.now() - begun;
      socket.close();
      // The first round warms the caches.
      if (round > 0) (row.figures[name] ??= { values: [] }).values.push(elapsed);
    }
  }
  return [row];
}
