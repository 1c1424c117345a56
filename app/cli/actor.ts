import { hostname, userInfo } from 'node:os'
import { type Actor, COMMAND_LINE } from '../support/audit.ts'

/** Who runs a command, as the audit names them, and on which machine. */
export function commandActor(): Actor {
  return { actor: `${COMMAND_LINE}${systemUser()}`, role: null, address: hostname() }
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // In a container a user need not have a name (https://nodejs.org/api/os.html#osuserinfooptions).
    return `user ${process.getuid?.() ?? 'not known'}`
  }
}
