import { hostPort } from "../../text/host_port.ts";

/** The reason why the server cannot start; the message is one line for its user, the cause is for the log. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** The interface and port to bind. */
export interface BindTarget {
  readonly hostname: string;
  readonly port: number;
}

/** A target, and the family of the flags that named it: `ws` for --ws.addr and --ws.port. */
export interface FlaggedTarget extends BindTarget {
  readonly flags: string;
}

/** Fails with a sentence where Deno would raise a permission prompt. */
export function requireListenPermission(target: BindTarget): void {
  const host = hostPort(target.hostname, target.port);
  if (Deno.permissions.querySync({ name: "net", host }).state === "granted") return;
  throw new StartError(`Listening on ${host} is not permitted: start with deno run --allow-net=${host}`);
}

/** Returns an error of one line that explains why the port cannot be bound and what to change. */
export function bindFailure(target: FlaggedTarget, cause: unknown): StartError {
  return new StartError(
    `Cannot listen on ${hostPort(target.hostname, target.port)}: ${bindReason(target.flags, cause)}`,
    { cause },
  );
}

/** Returns an error of one line that explains why an open endpoint is gone for good. */
export function listeningLost(target: FlaggedTarget, cause: unknown): StartError {
  const reason = cause instanceof Deno.errors.NotCapable
    ? "the sandbox gave that permission back (--sandbox=off keeps it, a higher ulimit -n avoids the need)"
    : bindReason(target.flags, cause);
  return new StartError(`Stopped listening on ${hostPort(target.hostname, target.port)}, and cannot again: ${reason}`, {
    cause,
  });
}

function bindReason(flags: string, cause: unknown): string {
  if (cause instanceof Deno.errors.AddrInUse) return `the port is in use; choose another one with --${flags}.port`;
  if (cause instanceof Deno.errors.AddrNotAvailable) return `this machine has no such address; see --${flags}.addr`;
  if (cause instanceof Deno.errors.NotCapable) return "Deno's permissions do not allow it; see --allow-net";
  if (cause instanceof Deno.errors.PermissionDenied) return "the system does not allow it; choose a port above 1023";
  const text = cause instanceof Error ? cause.message : String(cause);
  return `${text.split("\n", 1)[0]}; see --${flags}.addr and --${flags}.port`;
}
