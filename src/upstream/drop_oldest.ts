/** Deletes the entry that was added first when a map or a set holds more than `limit`. */
export function dropOldest<K>(entries: Map<K, unknown> | Set<K>, limit: number): void {
  if (entries.size <= limit) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    break;
  }
}
