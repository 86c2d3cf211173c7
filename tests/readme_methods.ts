import type { MethodRow, Registry, SubscriptionRow } from "../src/rpc/mod.ts";
import type { Parameter } from "../src/rpc/mod.ts";

/** The README's method table, in Markdown, made from the rows of every namespace. */
export function methodTable(registry: Registry): string {
  const sections = registry.namespaces.map((namespace) => {
    const methods = registry.methods.filter((row) => row.namespace === namespace);
    const subscriptions = registry.subscriptions.filter((row) => row.namespace === namespace);
    return [
      `#### \`${namespace}\``,
      "",
      "| method | parameters | what it does |",
      "| --- | --- | --- |",
      ...methods.map(methodLine),
      ...subscriptions.map(subscriptionLine),
    ].join("\n");
  });
  return sections.join("\n\n");
}

function methodLine({ name, method }: MethodRow): string {
  return line(`\`${name}\``, method.params, method.summary);
}

function subscriptionLine({ namespace, kind, subscription, params }: SubscriptionRow): string {
  return line(`\`${namespace}_subscribe\` \`"${kind}"\``, params.slice(1), subscription.summary);
}

function line(name: string, params: readonly Parameter<unknown>[], summary: string): string {
  const list = params.map(({ name, optional }) => optional ? `\`[${name}]\`` : `\`${name}\``).join(", ");
  return `| ${name} | ${list} | ${summary.replaceAll("|", "\\|")} |`;
}
