import { assertEquals } from "@std/assert";
import { logger } from "../../src/app/log.ts";
import { configureLog, resetLog } from "../../src/app/log_setup.ts";
import { createFormatter, type LogLine } from "../../src/app/log_format.ts";

const TIME = new Date(2026, 10, 22, 10, 56, 31, 123);

function line(message: string, fields: Record<string, unknown> = {}): LogLine {
  return { level: "info", time: TIME, category: "rpc", message, fields };
}

function withLog(options: { verbosity: number; format?: "terminal" | "logfmt" | "json" }, use: () => void): string[] {
  const lines: string[] = [];
  configureLog({
    verbosity: options.verbosity,
    format: options.format ?? "terminal",
    color: false,
    write: (text) => lines.push(text),
  });
  try {
    use();
  } finally {
    resetLog();
  }
  return lines;
}

Deno.test("The terminal form is geth's, with the fields aligned behind short messages", () => {
  const format = createFormatter("terminal", { color: false });
  assertEquals(
    format(line("WebSocket enabled", { url: "ws://127.0.0.1:8546" })),
    "INFO [11-22|10:56:31.123] WebSocket enabled      url=ws://127.0.0.1:8546",
  );
  assertEquals(format(line("Stopped")), "INFO [11-22|10:56:31.123] Stopped");
  assertEquals(
    format({ ...line("A message that is longer than the column"), level: "error", fields: { a: 1, b: 2 } }),
    "ERROR[11-22|10:56:31.123] A message that is longer than the column a=1 b=2",
  );
});

Deno.test("The terminal form aligns a value with the widest one that its field has had", () => {
  const format = createFormatter("terminal", { color: false });
  format(line("x", { peer: "127.0.0.1:50000", n: 1 }));
  assertEquals(format(line("x", { peer: "[::1]:1", n: 1 })).endsWith("peer=[::1]:1         n=1"), true);
  format(line("x", { peer: "p".repeat(41), n: 1 }));
  assertEquals(format(line("x", { peer: "[::1]:1", n: 1 })).endsWith("peer=[::1]:1         n=1"), true);
});

Deno.test("The terminal form colours the level and the keys when asked to", () => {
  const format = createFormatter("terminal", { color: true });
  assertEquals(
    format({ ...line("x", { k: "v" }), level: "warn" }),
    `\x1b[33mWARN \x1b[0m[11-22|10:56:31.123] x${" ".repeat(22)}\x1b[33mk\x1b[0m=v`,
  );
});

Deno.test("Large whole numbers are written with separators, small ones and text without", () => {
  const format = createFormatter("terminal", { color: false });
  const text = format(line("x", { a: 100_000, b: 100_001n, c: -11_500_000, d: "11500000", e: 1.5 }));
  assertEquals(text.slice(text.indexOf("a=")), "a=100000 b=100,001 c=-11,500,000 d=11500000 e=1.5");
});

Deno.test("Values are quoted where geth quotes them", () => {
  const format = createFormatter("terminal", { color: false });
  const value = (input: unknown) => format(line("x", { v: input })).split(" v=")[1];
  assertEquals(value("plain/text:1"), "plain/text:1");
  assertEquals(value("two words"), '"two words"');
  assertEquals(value('a"b'), '"a\\"b"');
  assertEquals(value("a=b"), '"a=b"');
  assertEquals(value(""), '""');
  assertEquals(value(["eth", "net"]), "eth,net");
  assertEquals(value(undefined), "undefined");
  assertEquals(value(new TypeError("bad thing")), '"TypeError: bad thing"');
});

const HOSTILE = [
  "http://x\nINFO [11-22|10:56:31.123] Unlocked account",
  "\r\x1b[2K\x1b[1A forged",
  "\u202egnp.exe\u2028\u0085\x7f\u9b31",
  '" level=error msg="forged',
];

for (const format of ["terminal", "logfmt", "json"] as const) {
  Deno.test(`A hostile value cannot forge or disguise a line in the ${format} form`, () => {
    const write = createFormatter(format, { color: false });
    for (const hostile of HOSTILE) {
      for (
        const text of [
          write(line("Refused", { origin: hostile })),
          write(line(hostile)),
          write(line("x", { [hostile]: 1 })),
        ]
      ) {
        assertEquals(/^[\x20-\x7e]*$/.test(text), true, text);
      }
    }
  });
}

Deno.test("The JSON form is one JSON object with geth's keys", () => {
  const format = createFormatter("json", { color: false });
  const text = format(line("Größe \u202e", { n: 7, big: 10n ** 20n, ok: true, none: null, text: "a\nb" }));
  assertEquals(JSON.parse(text), {
    t: TIME.toISOString(),
    lvl: "info",
    category: "rpc",
    msg: "Größe \u202e",
    n: 7,
    big: "100000000000000000000",
    ok: true,
    none: null,
    text: "a\nb",
  });
});

Deno.test("The logfmt form has geth's keys", () => {
  const format = createFormatter("logfmt", { color: false });
  assertEquals(
    format({ ...line("Slow consumer", { peer: "127.0.0.1:1", note: "a b" }), level: "warn" }),
    `t=${TIME.toISOString()} lvl=warn category=rpc msg="Slow consumer" peer=127.0.0.1:1 note="a b"`,
  );
});

Deno.test("A very long value is cut", () => {
  const format = createFormatter("logfmt", { color: false });
  assertEquals(format(line("x", { v: "a".repeat(1_000_000) })).length < 3000, true);
});

Deno.test("Verbosity counts from silent to trace as geth's does", () => {
  const log = logger("test");
  const seen = [0, 1, 2, 3, 4, 5].map((verbosity) =>
    withLog({ verbosity, format: "json" }, () => {
      for (const level of ["error", "warn", "info", "debug", "trace"] as const) log[level](level);
    }).map((text) => JSON.parse(text).msg)
  );
  const all = ["error", "warn", "info", "debug", "trace"];
  assertEquals(seen, [0, 1, 2, 3, 4, 5].map((verbosity) => all.slice(0, verbosity)));
});

Deno.test("A message with braces is written as it is, and a logger handed out early follows a later configuration", () => {
  const log = logger("early");
  log.error("goes nowhere");
  const [text] = withLog({ verbosity: 3, format: "logfmt" }, () => log.info("got {x} and {{y}}", { x: 1 }));
  assertEquals(text?.slice(text.indexOf("category")), 'category=early msg="got {x} and {{y}}" x=1');
});
