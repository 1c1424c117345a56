/**
 * One process that runs command after command, each with the environment and arguments it is sent: starting a process for each
 * would take most of the tests' time.
 */
import { format } from 'node:util'
import { main } from '../../app/cli/program.ts'
import type { Asked, Ran } from './command-line.ts'

process.on('message', async ({ id, args, env }: Asked & { id: number }) => {
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, env)
  process.exitCode = 0
  const out: string[] = []
  const err: string[] = []
  // Consoles look the stream's function up each time.
  process.stdout.write = caught(out)
  process.stderr.write = caught(err)
  try {
    await main(args)
  } catch (error) {
    err.push(format(error))
    process.exitCode = 1
  }
  const ran: Ran = { out: out.join(''), err: err.join(''), code: Number(process.exitCode) }
  process.send?.({ id, ran })
})

function caught(into: string[]): typeof process.stdout.write {
  return (chunk: string | Uint8Array, ...rest: unknown[]) => {
    into.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString())
    const written = rest.find(each => typeof each === 'function')
    if (written) process.nextTick(written)
    return true
  }
}
