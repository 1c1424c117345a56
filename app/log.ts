/**
 * The program's log: JSON lines by pino. Two nets keep personal data and credentials out: callers log ids and
 * counts, and whatever string is written passes `scrub` on its way out.
 */
import pg from 'pg'
import pino from 'pino'
import { scrub } from './privacy/mask.ts'

export type Log = pino.Logger

/** SQLSTATE class 22 (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/

/**
 * @param level one of pino's levels
 * @param destination where lines go; standard output by default
 */
export function createLog(level: string, destination?: pino.DestinationStream): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: label => ({ level: label }) },
    hooks: { streamWrite: scrub },
    serializers: { err: describe, error: describe },
  }
  return destination ? pino(options, destination) : pino(options)
}

/** What of an error may be logged: its name, message, code and place. Never its properties, which may hold rows. */
function describe(error: unknown) {
  if (!(error instanceof Error)) return { message: wordsOf(error) }
  const code = (error as { code?: unknown }).code
  const words = typeof code === 'string' && DATA_EXCEPTION.test(code) ? withoutValues : (text: string) => text
  return {
    name: error.name,
    message: words(error.message),
    ...(typeof code === 'string' && { code }),
    ...(error.stack && { stack: words(error.stack) }),
  }
}

/**
 * Of an error about a request: what and where, and no words, which may quote it, but for PostgreSQL's own. Under a name of its own:
 * of a plain `error` the log tells nothing but its message.
 */
export function withoutWords(error: unknown): { failure: Failure } {
  const { name, code, stack } = Object(error) as { name?: unknown; code?: unknown; stack?: unknown }
  const lines = typeof stack === 'string' ? stack.split('\n') : []
  return {
    failure: {
      name: typeof name === 'string' ? name : 'unknown',
      ...(typeof code === 'string' && { code }),
      ...(error instanceof pg.DatabaseError && databaseWords(error)),
      at: lines.filter(line => /^ {4}at /.test(line)).map(line => line.trim()),
    },
  }
}

type Failure = { name: string; code?: string; message?: string; at: string[] }

/** PostgreSQL's message, whose `detail` would quote the row. What a function raises (class P0) may quote it in its message, too. */
function databaseWords({ code = '', message }: pg.DatabaseError): { message?: string } {
  if (code.startsWith('P0')) return {}
  return { message: DATA_EXCEPTION.test(code) ? withoutValues(message) : message }
}

/** Libraries also hand out plain objects, of which only the message is told. */
function wordsOf(error: unknown): string {
  const { message } = Object(error) as { message?: unknown }
  return typeof message === 'string' ? message : String(error)
}

/** PostgreSQL's message of a data exception ends in the value: `invalid input syntax for type uuid: "…"`. */
function withoutValues(text: string): string {
  return text.replace(/".*"/s, '"…"')
}
