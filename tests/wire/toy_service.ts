import { text } from "../../src/eth/input/codec.ts";
import { struct } from "../../src/eth/input/struct.ts";
import { RpcError } from "../../src/rpc/error.ts";
import {
  type CallContext,
  method,
  type NamespaceTable,
  optional,
  required,
  subscription,
} from "../../src/rpc/method.ts";
import { anything, array, integer, string } from "../../src/rpc/schema.ts";
import { nullable } from "../../src/rpc/schema_object.ts";

/** What a test may watch and steer. */
export interface ToyControls {
  /** Called with the context of each `test_block`; the call ends when the result settles. */
  onBlock?: (call: CallContext) => Promise<unknown>;
  /** Called by each `test_read`, which may be run again. */
  onRead?: (argument: unknown) => unknown;
  /** Called when a subscription's feed is stopped. */
  onStop?: (id: string) => void;
  /** Ran by each `test_run`. */
  onRun?: (argument: unknown) => unknown;
}

const echoArgs = struct({ S: text }, { type: "echoArgs" });

/** The service that geth's wire scripts talk to (go-ethereum rpc/testservice_test.go), and a few rows of our own. */
export function toyTables(controls: ToyControls = {}): NamespaceTable[] {
  const echo = method({
    summary: "Returns its arguments.",
    params: [required("text", string), required("count", integer()), optional("args", echoArgs)],
    result: anything,
    handler: ([text, count, args]) => ({ String: text, Int: count, Args: args ?? null }),
  });
  return [
    {
      namespace: "test",
      methods: {
        test_echo: echo,
        test_echoWithCtx: echo,
        test_echoAny: method({
          summary: "Returns its argument.",
          params: [required("value", anything)],
          result: anything,
          handler: ([value]) => value,
        }),
        test_echoNullable: method({
          summary: "Takes null as a value.",
          params: [required("value", nullable(string)), required("next", string)],
          result: anything,
          handler: (values) => values,
        }),
        test_optional: method({
          summary: "Has optional arguments only.",
          params: [optional("first", string), optional("second", integer())],
          result: anything,
          handler: (
            [first, second],
          ) => [first === undefined ? "absent" : first, second === undefined ? "absent" : second],
        }),
        test_later: method({
          summary: "Returns its argument, in a later turn of the loop.",
          params: [required("value", anything)],
          result: anything,
          handler: async ([value]) => {
            await new Promise<void>((resolve) => setTimeout(resolve));
            return value;
          },
        }),
        test_noArgsRets: method({ summary: "Does nothing.", params: [], result: anything, handler: () => {} }),
        test_block: method({
          summary: "Waits for the test.",
          params: [],
          result: anything,
          handler: (_, call) => controls.onBlock?.(call),
        }),
        test_read: method({
          summary: "Reads what the test gives it.",
          params: [optional("argument", anything)],
          result: anything,
          repeatable: true,
          handler: ([argument]) => controls.onRead?.(argument),
        }),
        test_run: method({
          summary: "Runs the test's function.",
          params: [optional("argument", anything)],
          result: anything,
          handler: ([argument]) => controls.onRun?.(argument),
        }),
        test_fail: method({
          summary: "Fails with the code, message and data that it is given.",
          params: [required("code", integer()), required("message", string), optional("data", anything)],
          result: anything,
          handler: ([code, message, data]) => {
            throw new RpcError(code, message, { data });
          },
        }),
        test_marshalError: method({
          summary: "Returns what cannot be encoded.",
          params: [],
          result: anything,
          handler: () => ({
            toJSON() {
              throw new RpcError(-32603, "json: error calling MarshalText for type *rpc.MarshalErrObj: marshal error");
            },
          }),
        }),
        test_panic: method({
          summary: "Throws something unexpected.",
          params: [],
          result: anything,
          handler: () => {
            throw new TypeError("a secret of the implementation");
          },
        }),
        test_panicLater: method({
          summary: "Rejects with something unexpected.",
          params: [],
          result: anything,
          handler: () => Promise.reject(new TypeError("a secret of the implementation")),
        }),
        test_callMeBack: method({
          summary: "Calls the client, and returns its result.",
          params: [required("method", string), required("args", array(anything))],
          result: anything,
          handler: ([name, args], call) => call.connection.call(name, args),
        }),
        test_callMeBackLater: method({
          summary: "Calls the client after the answer.",
          params: [required("method", string), required("args", array(anything))],
          result: anything,
          handler: ([name, args], call) => {
            queueMicrotask(() => call.connection.call(name, args).catch(() => {}));
          },
        }),
      },
    },
    {
      namespace: "nftest",
      methods: {
        nftest_echo: method({
          summary: "Returns its argument.",
          params: [required("count", integer())],
          result: integer(),
          handler: ([count]) => count,
        }),
      },
      subscriptions: {
        someSubscription: subscription({
          summary: "Counts up from a start, all before its call is answered.",
          params: [required("count", integer()), required("start", integer())],
          result: integer(),
          start: ([count, start], sink) => {
            for (let step = 0; step < count; step += 1) sink.notify(start + step);
            return () => controls.onStop?.(sink.id);
          },
        }),
        laterSubscription: subscription({
          summary: "Counts up while its own start is still pending.",
          params: [required("count", integer())],
          result: integer(),
          start: async ([count], sink) => {
            for (let step = 1; step <= count; step += 1) {
              sink.notify(step);
              await Promise.resolve();
            }
            return () => controls.onStop?.(sink.id);
          },
        }),
        plain: subscription({
          summary: "Takes nothing and tells nothing.",
          params: [],
          result: anything,
          start: (_, sink) => () => controls.onStop?.(sink.id),
        }),
        refused: subscription({
          summary: "Never starts.",
          params: [],
          result: anything,
          start: (_, sink) => {
            sink.notify("never seen");
            throw new RpcError(-32000, "this feed cannot start");
          },
        }),
        crashed: subscription({
          summary: "Fails to start in an unexpected way.",
          params: [],
          result: anything,
          start: () => Promise.reject(new Error("a secret of the implementation")),
        }),
      },
    },
  ];
}
