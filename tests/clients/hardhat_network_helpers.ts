// The plugin that Hardhat 3 projects import, without Hardhat around it.
import plugin from "npm:@nomicfoundation/hardhat-network-helpers@3.0.11";
import type { NetworkHelpers } from "npm:@nomicfoundation/hardhat-network-helpers@3.0.11/types";

/** EIP-1193's request. */
export type Request = (call: { readonly method: string; readonly params?: readonly unknown[] }) => Promise<unknown>;

/** Makes the helpers as Hardhat makes them for each connection of a project that uses the plugin. */
export async function networkHelpers(request: Request): Promise<NetworkHelpers<"generic">> {
  const { default: hooks } = await plugin.hookHandlers?.network?.() ?? {};
  const { newConnection } = await hooks?.() ?? {};
  if (newConnection === undefined) throw new Error("the plugin does nothing for a new connection");
  const connection = { provider: { request }, networkName: "sallyport" };
  const made: unknown = await newConnection({} as never, () => Promise.resolve(connection as never));
  return (made as { networkHelpers: NetworkHelpers<"generic"> }).networkHelpers;
}
