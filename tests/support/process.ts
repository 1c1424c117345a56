/** The server as a process of its own, to be killed. Its output goes to the run's logs. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { logLines } from './logs.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a process gets of this one's environment: where programs are, and where what was compiled is kept. */
export const INHERITED = {
  PATH: process.env.PATH ?? '',
  ...(process.env.NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }),
}

export type ServerProcess = {
  url: string
  child: ChildProcess
  /** Everything it printed. */
  lines: string[]
  /** Sends the signal and waits until the process is gone. @returns its exit code, null when killed */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts `server.ts` and waits until it listens. @throws with its output when it ends before */
export async function startProcess(env: Record<string, string>): Promise<ServerProcess> {
  const child = spawn(process.execPath, ['server.ts'], {
    cwd: ROOT,
    env: { NODE_ENV: 'production', ...INHERITED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = logLines()
  const port = await new Promise<number>((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', line => {
        output.write(`${line}\n`)
        const listening = /"port":(\d+).*"msg":"listening"/.exec(line)
        if (listening) done(Number(listening[1]))
      })
    }
    child.once('exit', code => failed(new Error(`the server ended with ${code}:\n${output.lines.join('')}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    lines: output.lines,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const gone = once(child, 'exit')
      child.kill(signal)
      const [code] = await gone
      return code
    },
  }
}
