/** A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address. */
export interface Cidr {
  readonly text: string;
  /** The bytes of the network: 16, because an IPv4 address is written as an IPv6 one (RFC 4291 section 2.5.5.2). */
  readonly bytes: Uint8Array;
  /** The number of leading bits that count, of 128. */
  readonly bits: number;
}

const BYTES = 16;
const MAPPED_BITS = 96;
const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** Reads a range; undefined when the text is none, or has bits behind its length, which is nearly always a mistake. */
export function parseCidr(text: string): Cidr | undefined {
  const [, host = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = parseIp(host);
  if (bytes === undefined) return undefined;
  const [offset, width] = IPV4.test(host) ? [MAPPED_BITS, 32] : [0, 128];
  if (length !== undefined && Number(length) > width) return undefined;
  const bits = offset + (length === undefined ? width : Number(length));
  return sameBits(bytes, masked(bytes, bits), 128) ? { text, bytes, bits } : undefined;
}

/** Returns the 16 bytes of an address; undefined for other text. */
export function parseIp(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(BYTES);
  const v4 = parseIpv4(text);
  if (v4 !== undefined) {
    bytes.set([0xff, 0xff, ...v4], 10);
    return bytes;
  }
  // The rest of an address that names an interface (`fe80::1%eth0`) is no part of it.
  const host = text.replace(/%.*$/, "");
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(host)) return undefined;
  const [head = "", tail, ...more] = host.split("::");
  const [left, right] = [groupsOf(head), tail === undefined ? [] : groupsOf(tail)];
  if (more.length > 0 || left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array<number>(missing).fill(0), ...right];
  groups.forEach((group, index) => bytes.set([group >> 8, group & 0xff], 2 * index));
  return bytes;
}

/** Returns true when one of the ranges has the address. */
export function inRanges(address: Uint8Array, ranges: readonly Cidr[]): boolean {
  return ranges.some(({ bytes, bits }) => sameBits(address, bytes, bits));
}

/** Returns an address with every bit behind the first `bits` cleared. */
export function masked(address: Uint8Array, bits: number): Uint8Array {
  return address.map((byte, index) => byte & keep(bits - 8 * index));
}

/** Returns true for an IPv4 address. */
export function isIpv4(address: Uint8Array): boolean {
  return address.subarray(0, 10).every((byte) => byte === 0) && address[10] === 0xff && address[11] === 0xff;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = IPV4.exec(text)?.slice(1).map(Number);
  return parts?.every((part) => part <= 255) ? parts : undefined;
}

/** Reads the groups on one side of `::`; the last may be an IPv4 address. */
function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 ? parseIpv4(part) : undefined;
    if (v4 !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = v4;
      groups.push(a << 8 | b, c << 8 | d);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
    else return undefined;
  }
  return groups.length <= 8 ? groups : undefined;
}

function sameBits(one: Uint8Array, other: Uint8Array, bits: number): boolean {
  return one.every((byte, index) => ((byte ^ (other[index] ?? 0)) & keep(bits - 8 * index)) === 0);
}

/** Returns the mask of a byte of which the first `bits` count. */
function keep(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff << (8 - bits) & 0xff;
}
