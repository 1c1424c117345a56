/** What goes wrong, as an operator is told it: a sentence with what to do. Where in the code, at LOG_LEVEL=debug alone. */
import { isUnavailable } from '../db/unavailable.ts'
import { createLog, type Log } from '../log.ts'
import { scrub } from '../privacy/mask.ts'
import { Failure } from './failure.ts'

const MORE = 'LOG_LEVEL=debug tells where in the code.'
/** PostgreSQL's: a wrong password or role, no such database, and no right to it. */
const REFUSED = /^(28...|3D000|42501)$/

export const isDebug = (): boolean => /^(debug|trace)$/.test(process.env.LOG_LEVEL ?? '')

/** @returns one line */
export function sentenceFor(error: unknown): string {
  if (!(error instanceof Error)) return oneLine(String(error))
  // Ours, of what the operator has typed: masked, it would name nobody, and its remedy could not be run.
  if (error instanceof Failure) return oneLine(error.message)
  const { code, name } = error as { code?: unknown; name?: string }
  if (isUnavailable(error))
    return `The database does not answer (${oneLine(error.message)}): see that it runs and that DATABASE_URL leads to it, then run the command again.`
  if (typeof code === 'string' && REFUSED.test(code))
    return `The database lets nobody in so (${oneLine(error.message)}): correct DATABASE_URL, then run the command again.`
  // A library's, or a slip of ours: it says what, and nothing of what to do.
  const isForeign = typeof code === 'string' || /^(?:Type|Range|Reference|Syntax|Prisma)/.test(name ?? '')
  const said = oneLine(scrub(error.message))
  return isForeign
    ? `The command could not be carried out (${said}): run "doctor", which examines the installation. ${MORE}`
    : said
}

/** Prisma begins with a blank line and the call; what is wrong stands last. */
function oneLine(message: string): string {
  const lines = message.split('\n').flatMap(line => line.trim() || [])
  return (/^Invalid .* invocation/.test(lines[0] ?? '') ? lines.at(-1) : lines.join(' ')) ?? ''
}

/** The stack, where it is asked for, of what the operator did not bring about. */
export function tellStack(error: unknown): void {
  if (isDebug() && error instanceof Error && !(error instanceof Failure) && error.stack)
    console.error(scrub(error.stack))
}

/** What a command's parts log: as it is at LOG_LEVEL=debug, else each thing once, as a sentence on standard error. */
export function commandLog(level: string): Log {
  if (isDebug()) return createLog(level, process.stderr)
  const told = new Set<string>()
  return createLog(level, {
    write(line) {
      const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } }
      const sentence = oneLine([msg, err?.message].filter(Boolean).join(': '))
      if (told.has(sentence)) return
      told.add(sentence)
      process.stderr.write(`(${sentence} ${MORE})\n`)
    },
  })
}
