/** E-mail addresses, as they are told apart. */

/** An address as it is compared: people write theirs in more than one way. */
export function comparable(email: string): string {
  return email.trim().toLowerCase()
}

/** Whether both are there, and are not one address. */
export function isOtherAddress(email: string | null, other: string | null): boolean {
  return email !== null && other !== null && comparable(email) !== comparable(other)
}
