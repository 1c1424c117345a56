/** When a UUIDv7 was made: it begins with its time in milliseconds (RFC 9562 §5.7). */
export function timeOfId(id: string): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16))
}
