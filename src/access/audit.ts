import { type Clock, SYSTEM_CLOCK } from "../concurrency/clock.ts";
import { TokenBucket } from "../concurrency/token_bucket.ts";
import type { Connection, Peer } from "../rpc/connection.ts";
import { RpcError } from "../rpc/error.ts";
import type { Layer } from "../rpc/layer.ts";
import type { Request as Call } from "../rpc/message.ts";
import { RawJson } from "../rpc/raw_json.ts";
import { isObject } from "../rpc/schema.ts";
import { printable } from "../text/printable.ts";
import type { Refusal } from "../transport/mod.ts";
import { type AuditedRow, auditedRow } from "./audited.ts";

/** Takes one line, without its line feed. */
export type WriteLine = (line: string) => void;

export interface AuditOptions {
  readonly clock?: Clock;
  /** The Unix time, milliseconds. */
  readonly now?: () => number;
}

/** Refusals that have a line of their own: strangers can cause any number, so the others are only counted. */
const REFUSALS = { perSecond: 10, burst: 1000 };
const MAX_CHARACTERS = 200;
const ADDRESS = /^0x[0-9a-f]{40}$/i;
const ADDRESS_OR_HASH = /^0x(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/**
 * Writes a line of JSON for each thing that changes something, and for each refusal. A value of a client is shown only where it
 * has the form of an address, so no line can have a password, a key or signed data, and only in the place that
 * {@link AuditedRow} names. Everything outside printable ASCII is escaped.
 */
export class Audit {
  readonly #write: WriteLine;
  readonly #now: () => number;
  readonly #refusals: TokenBucket;
  #uncounted = 0;

  constructor(write: WriteLine, { clock = SYSTEM_CLOCK, now = Date.now }: AuditOptions = {}) {
    this.#write = write;
    this.#now = now;
    this.#refusals = new TokenBucket(REFUSALS, clock);
  }

  /** Returns the layer for the calls of a connection; the outermost, so that it sees what the others refuse. */
  layerFor({ peer, canSubscribe }: Pick<Connection, "peer" | "canSubscribe">): Layer {
    const via = canSubscribe === false ? "http" : "ws";
    return (next) => (call, context) => {
      const row = auditedRow(call.method);
      if (row === null) return next(call, context);
      const about = { row, call, peer, via };
      try {
        const result = next(call, context);
        if (!(result instanceof Promise)) {
          this.#succeeded(about, result);
          return result;
        }
        return result.then((value) => {
          this.#succeeded(about, value);
          return value;
        }, (error) => {
          this.#failed(about, error);
          throw error;
        });
      } catch (error) {
        this.#failed(about, error);
        throw error;
      }
    };
  }

  /** Writes that a request was not let in. */
  refused({ status, sentence }: Refusal, from: { address: string; origin: string | null; via: string }): void {
    this.#refusal({
      event: "refused",
      ...clientOf({ ...from, principal: null }),
      via: from.via,
      status,
      reason: sentence,
    });
  }

  /** Writes that a connection was closed, because of its limits or the end of its credential. */
  closed(peer: Peer, { code, reason }: { readonly code: number; readonly reason: string }): void {
    this.#refusal({ event: "closed", ...clientOf(peer), via: "ws", code, reason });
  }

  #succeeded(about: About, result: unknown): void {
    const shown = about.row.showsResult === true ? shownResult(result) : undefined;
    this.#line({ ...callFields(about), outcome: "ok", ...shown === undefined ? {} : { result: shown } });
  }

  /** A message of an error may repeat what the client sent, so only its code is shown. */
  #failed(about: About, error: unknown): void {
    const { code, data } = error instanceof RpcError ? error : { code: -32603, data: undefined };
    const limit = isObject(data) && typeof data["limit"] === "string" ? { limit: data["limit"] } : {};
    const fields = { ...callFields(about), outcome: "failed", code, ...limit };
    // Only what was refused without being tried can come in any number.
    if ("limit" in limit || code === -32601) this.#refusal(fields);
    else this.#line(fields);
  }

  #refusal(fields: Record<string, unknown>): void {
    if (this.#refusals.tryTake(1) > 0) {
      this.#uncounted += 1;
      return;
    }
    if (this.#uncounted > 0) {
      this.#line({ event: "omitted", refusals: this.#uncounted });
      this.#uncounted = 0;
    }
    this.#line(fields);
  }

  #line(fields: Record<string, unknown>): void {
    this.#write(auditLine(fields, this.#now()));
  }
}

/** Returns a line of the log. */
export function auditLine(fields: Readonly<Record<string, unknown>>, now: number): string {
  return printable(JSON.stringify({ time: new Date(now).toISOString(), ...fields }));
}

interface About {
  readonly row: AuditedRow;
  readonly call: Call;
  readonly peer: Peer;
  readonly via: string;
}

function callFields({ row, call, peer, via }: About): Record<string, unknown> {
  return {
    event: "call",
    ...clientOf(peer),
    via,
    action: row.action,
    method: call.method.slice(0, MAX_CHARACTERS),
    ...row.subject === undefined ? {} : subjectOf(call.params, row.subject),
  };
}

function clientOf({ principal, address, origin }: Peer): Record<string, unknown> {
  return {
    principal: principal?.name ?? null,
    address: address.slice(0, MAX_CHARACTERS),
    ...origin === null ? {} : { origin: origin.slice(0, MAX_CHARACTERS) },
  };
}

function subjectOf(params: unknown, position: number): Record<string, string> {
  const subject: unknown = Array.isArray(params) ? params[position] : undefined;
  if (isAddress(subject)) return { account: subject };
  if (!isObject(subject)) return {};
  const { from, to } = subject;
  return { ...isAddress(from) ? { from } : {}, ...isAddress(to) ? { to } : {} };
}

function shownResult(result: unknown): string | undefined {
  const text = result instanceof RawJson ? result.text.replace(/^"(.*)"$/, "$1") : result;
  return typeof text === "string" && ADDRESS_OR_HASH.test(text) ? text : undefined;
}

function isAddress(value: unknown): value is string {
  return typeof value === "string" && ADDRESS.test(value);
}
