/** Passwords of support's accounts. */
import { randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/**
 * Argon2id, the library's own default, with more memory than the least that OWASP asks for, which is 19 MiB at two passes
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html).
 */
const COST = { memoryCost: 32 * 1024, timeCost: 2, parallelism: 1 }
/** No letter that is taken for a digit or for another. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 5
const GROUP_LETTERS = 5

/** @returns the hash as it is stored, with its salt and its cost */
export const hashPassword = (password: string): Promise<string> => hash(password, COST)

let nobodys: Promise<string> | undefined

/**
 * @param stored null where there is no account, or one without a password: that takes as long, so that the time tells nobody which
 * accounts there are
 */
export async function isPassword(stored: string | null, password: string): Promise<boolean> {
  nobodys ??= hashPassword(newPassword())
  const isRight = await verify(stored ?? (await nobodys), password)
  return stored !== null && isRight
}

/** A password that nobody has to think of: 25 letters and digits in groups, more than 120 bits. */
export function newPassword(): string {
  const letter = () => LETTERS.charAt(randomInt(LETTERS.length))
  const group = () => Array.from({ length: GROUP_LETTERS }, letter).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}
