/**
 * Where the whole run's log lines go, and the search through them afterwards: `npm test` sets the folder and
 * fails when a credential, a token or an e-mail address stands in any line at any level.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const FOLDER = process.env.SLUICE_TEST_LOGS

/** A destination for a log: keeps the lines, and appends them to the run's folder when there is one. */
export function logLines() {
  const lines: string[] = []
  return {
    lines,
    write(line: string) {
      lines.push(line)
      if (!FOLDER) return
      mkdirSync(FOLDER, { recursive: true })
      appendFileSync(join(FOLDER, `${process.pid}.log`), line)
    },
  }
}
