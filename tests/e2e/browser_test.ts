import { assertEquals, assertMatch } from "@std/assert";
import { type Browser, chromium } from "../clients/playwright.ts";
import { ServerProcess } from "./server_process.ts";
import { toolTest } from "../support/tools.ts";

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** What a dapp's page does: connect, read, subscribe, send a transaction, see its block. */
const PAGE = `<!doctype html><title>page</title><script>
async function visit(url) {
  const socket = new WebSocket(url);
  const opened = await new Promise((resolve) => {
    socket.onopen = () => resolve(true);
    socket.onerror = () => resolve(false);
  });
  if (!opened) return { opened };
  let id = 0;
  const waiting = new Map();
  const heads = [];
  let gotHead;
  const firstHead = new Promise((resolve) => gotHead = resolve);
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.method === "eth_subscription") gotHead(message.params.result.number);
    else waiting.get(message.id)(message.result ?? message.error);
  };
  const call = (method, ...params) => new Promise((resolve) => {
    waiting.set(++id, resolve);
    socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
  });
  const chainId = await call("eth_chainId");
  await call("eth_subscribe", "newHeads");
  const [from] = await call("eth_accounts");
  const hash = await call("eth_sendTransaction", { from, to: from, value: "0x1" });
  const head = await firstHead;
  const receipt = await call("eth_getTransactionReceipt", hash);
  const closed = new Promise((resolve) => socket.onclose = ({ code }) => resolve(code));
  socket.close(1000);
  return { opened, chainId, head, status: receipt.status, closed: await closed };
}
</script>`;

/** Serves the page on an origin of its own. */
function servePage() {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(PAGE, { headers: { "content-type": "text/html" } }),
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function visit(browser: Browser, origin: string, url: string): Promise<unknown> {
  const page = await browser.newPage();
  await page.goto(origin);
  const result = await page.evaluate(`visit(${JSON.stringify(url)})`);
  await page.close();
  return result;
}

toolTest("chromium", {
  name: "A page of an allowed origin uses the chain, and a page of another origin is refused",
  // The browser's pipes and timers are playwright's own and outlive the test's end by design.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(executablePath) {
    await using allowed = servePage();
    await using refused = servePage();
    await using server = await ServerProcess.start({ flags: ["--ws.origins", allowed.origin] });
    const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
    try {
      assertEquals(await visit(browser, allowed.origin, server.url), {
        opened: true,
        chainId: "0x539",
        head: "0x1",
        status: "0x1",
        closed: 1000,
      });
      assertEquals(await visit(browser, refused.origin, server.url), { opened: false });
    } finally {
      await browser.close();
    }
    const [line] = await server.waitForOutput(/WARN.*origin=.*/);
    assertMatch(line, new RegExp(`${refused.origin}.*--ws.origins`));
  },
});

toolTest("chromium", {
  name: "A page on a loopback name is allowed by default",
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(executablePath) {
    await using page = servePage();
    await using server = await ServerProcess.start();
    const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
    try {
      const result = await visit(browser, page.origin, server.url) as { head: string };
      assertEquals(result.head, "0x1");
    } finally {
      await browser.close();
    }
  },
});
