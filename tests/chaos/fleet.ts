/**
 * The app's processes: started again whenever they end, and ended, frozen and woken on command. Each life of a process
 * reaches the vendors by its own ports, so that every request can be told whose it is.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { VENDORS, type VendorName } from '../../sandbox/vendors/contract.ts'
import { type ServerProcess, startProcess } from '../support/process.ts'
import type { Disturbance } from './evidence.ts'
import { type Forward, forwardTo } from './forward.ts'

const RESTART_MS = 200

export type Role = 'worker' | 'web'

type Slot = {
  name: string
  role: Role
  env: Record<string, string>
  lives: number
  /** Null: it does not run, or is being ended. */
  life: Life | null
  /** Something is being done to it; nothing else may befall it meanwhile. */
  busy: boolean
}
type Life = { id: string; process: ServerProcess; forwards: Forward[] }

export type FleetOptions = {
  env: Record<string, string>
  vendorUrls: Readonly<Record<VendorName, string>>
  workers: number
  webPort: number
}

export class Fleet {
  readonly disturbances: Disturbance[] = []
  /** How long each process took from SIGTERM to its end, in milliseconds. */
  readonly terminations: number[] = []
  /** Lives that ended although nobody ended them. */
  readonly crashes: string[] = []
  readonly #slots: Slot[]
  readonly #vendorUrls: FleetOptions['vendorUrls']
  readonly #senders = new Map<string, string>()
  readonly #starting = new Set<Promise<void>>()
  #closing = false

  constructor({ env, vendorUrls, workers, webPort }: FleetOptions) {
    this.#vendorUrls = vendorUrls
    const slot = (name: string, role: Role, port: number): Slot => {
      const own = { ...env, SLUICE_ROLE: role, PORT: String(port) }
      return { name, role, env: own, lives: 0, life: null, busy: false }
    }
    this.#slots = [
      slot('web', 'web', webPort),
      ...Array.from({ length: workers }, (_, i) => slot(`worker-${i + 1}`, 'worker', 0)),
    ]
    process.once('exit', () => {
      for (const { life } of this.#slots) life?.process.child.kill('SIGKILL')
    })
  }

  /** Resolves when all of them listen. */
  async start(): Promise<void> {
    for (const slot of this.#slots) this.#begin(slot)
    await Promise.all(this.#starting)
  }

  senderOf(host: string): string {
    return this.#senders.get(host) ?? 'unknown'
  }

  /** Ends one of the processes that run, and starts it again. Resolves when it was chosen and signalled. */
  async strike(role: Role, pick: number, signal: 'SIGKILL' | 'SIGTERM'): Promise<string> {
    const { slot, life } = await this.#choose(role, pick)
    slot.busy = true
    const ended = this.#end(slot, life, signal)
    ended.then(() => this.#begin(slot))
    if (signal === 'SIGKILL') await ended
    return life.id
  }

  /** Stops a worker for a while and lets it go on. Resolves when it goes on. */
  async freeze(pick: number, forMs: number): Promise<string> {
    const { slot, life } = await this.#choose('worker', pick)
    slot.busy = true
    const from = Date.now()
    life.process.child.kill('SIGSTOP')
    await delay(forMs)
    life.process.child.kill('SIGCONT')
    this.disturbances.push({ kind: 'frozen', sender: life.id, from, to: Date.now() })
    slot.busy = false
    return life.id
  }

  /** Waits until every process listens again. */
  async settled(): Promise<void> {
    while (this.#slots.some(slot => slot.busy || slot.life === null)) await delay(50)
  }

  /** Asks all of them to stop, and waits. */
  async close(): Promise<void> {
    this.#closing = true
    await Promise.all(this.#starting)
    await Promise.all(
      this.#slots.map(async slot => {
        const { life } = slot
        if (life) await this.#end(slot, life, 'SIGTERM')
      }),
    )
  }

  #watch(slot: Slot, life: Life): void {
    slot.life = life
    slot.busy = false
    life.process.child.once('exit', code => {
      if (slot.life !== life) return
      this.crashes.push(`${life.id} ended by itself with ${code}`)
      this.#end(slot, life, 'SIGKILL').then(() => this.#begin(slot))
    })
  }

  async #choose(role: Role, pick: number): Promise<{ slot: Slot; life: Life }> {
    for (;;) {
      const running = this.#slots.flatMap(slot =>
        slot.role === role && slot.life && !slot.busy ? [{ slot, life: slot.life }] : [],
      )
      const chosen = running[Math.floor(pick * running.length)]
      if (chosen) return chosen
      await delay(20)
    }
  }

  async #end(slot: Slot, life: Life, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const from = Date.now()
    slot.life = null
    await life.process.end(signal)
    const to = Date.now()
    for (const forward of life.forwards) forward.close()
    this.disturbances.push({
      kind: signal === 'SIGKILL' ? 'killed' : 'terminated',
      sender: life.id,
      from,
      to,
    })
    if (signal === 'SIGTERM') this.terminations.push(to - from)
  }

  #begin(slot: Slot): void {
    const started = this.#start(slot).finally(() => this.#starting.delete(started))
    this.#starting.add(started)
  }

  /** Again and again, because a start fails while the database is down. */
  async #start(slot: Slot): Promise<void> {
    while (!this.#closing) {
      slot.lives += 1
      const id = `${slot.name}#${slot.lives}`
      const forwards = await Promise.all(VENDORS.map(vendor => forwardTo(this.#vendorUrls[vendor])))
      for (const { host } of forwards) this.#senders.set(host, id)
      const urls = Object.fromEntries(
        VENDORS.map((vendor, i) => [`${vendor.toUpperCase()}_BASE_URL`, forwards[i]?.url ?? '']),
      )
      // Every other web process keeps all requests as they come, for a worker to accept.
      const spool: Record<string, string> = slot.lives % 2 === 1 ? { SPOOL_FROM: '1' } : {}
      const started = await startProcess({ ...slot.env, ...urls, ...spool }).catch(() => null)
      if (started && this.#closing) await started.end('SIGKILL')
      if (started && !this.#closing) {
        this.#watch(slot, { id, process: started, forwards })
        return
      }
      for (const forward of forwards) forward.close()
      await delay(RESTART_MS)
    }
  }
}
