/** Searching log lines for what must never stand in one: credentials, tokens, e-mail addresses. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEMO_CREDENTIALS } from '../../sandbox/vendors/credentials.ts'

/** What every test run uses as secrets, whole or as they would be encoded. */
const SECRETS: readonly string[] = [
  ...Object.values(DEMO_CREDENTIALS).flatMap(credentials =>
    // An origin is an address that the merchant publishes.
    Object.entries(credentials).flatMap(([name, value]) => (name === 'origin' ? [] : [value])),
  ),
  'shpss_0123456789abcdef',
  'shpss_fedcba9876543210',
  'wrong-key-0000',
  'tiny-key-0123456789',
]

const PATTERNS: readonly [what: string, pattern: RegExp][] = [
  ['an e-mail address', /[a-z0-9._+-]{2,}(?:@|%40)[a-z0-9-]+\.[a-z]{2,}/i],
  ['a bearer token', /Bearer\s+(?!\[)[A-Za-z0-9._-]{8,}/],
  ['a sealed secret', /\bv1\.[\w-]+\.[A-Za-z0-9_-]{20,}/],
  ['a database password', /postgres(?:ql)?:\/\/[^:\s]+:[^@\s]+@/],
  ['a sealing key', /\b[\w-]+:[A-Za-z0-9+/]{43}=/],
]

export type LogFinding = { what: string; line: string }

export function searchLines(lines: readonly string[]): LogFinding[] {
  return lines.flatMap(line => [
    ...SECRETS.filter(secret => line.includes(secret)).map(() => ({ what: 'a credential', line })),
    ...PATTERNS.filter(([, pattern]) => pattern.test(line)).map(([what]) => ({ what, line })),
  ])
}

/** @returns every line of a folder of `.log` files */
export function linesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter(name => name.endsWith('.log'))
  return files
    .flatMap(name => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter(line => line !== '')
}
