import { hostPort } from "../../text/host_port.ts";

/** Returns the address of a peer as text. */
export function addressOf(address: Deno.Addr): string {
  if (address.transport !== "tcp" && address.transport !== "udp") return address.transport;
  return hostPort(address.hostname, address.port);
}
