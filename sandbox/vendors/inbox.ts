/** What a stand-in received: the newest entries, exact counts, and word of every new one. */
import { EventEmitter } from 'node:events'
import type { Counts, Received } from './contract.ts'

/** How many entries an inbox keeps. */
export const INBOX_SIZE = 5000

const NOTHING: Counts = { received: 0, accepted: 0, refused: 0, absent: 0, taken: 0, warned: 0, kept: 0 }

export class Inbox {
  readonly #events = new EventEmitter<{ received: [Received]; cleared: [] }>()
  #entries: Received[] = []
  #counts = { ...NOTHING }
  #lastSeq = 0

  constructor() {
    // Every open page and every waiting test listens: there is no number that would mean a leak.
    this.#events.setMaxListeners(0)
  }

  /** Keeps an entry, dropping the oldest when full, and tells the listeners. */
  add(entry: Omit<Received, 'seq'>): Received {
    this.#lastSeq += 1
    const kept: Received = { seq: this.#lastSeq, ...entry }
    this.#entries.push(kept)
    if (this.#entries.length > INBOX_SIZE) this.#entries.shift()
    this.#counts.received += 1
    this.#counts[kept.accepted ? 'accepted' : 'refused'] += 1
    if (kept.absent) this.#counts.absent += 1
    this.#counts.taken += kept.taken
    if (kept.warnings.length > 0) this.#counts.warned += 1
    this.#events.emit('received', kept)
    return kept
  }

  /** Kept entries after `seq`, oldest first; at most the newest `limit` of them. */
  entries(seq = 0, limit = INBOX_SIZE): Received[] {
    return this.#entries.filter(entry => entry.seq > seq).slice(-limit)
  }

  counts(): Counts {
    return { ...this.#counts, kept: this.#entries.length }
  }

  /** Forgets entries and counts. Numbering goes on, so that `entries(seq)` stays meaningful. */
  clear(): void {
    this.#entries = []
    this.#counts = { ...NOTHING }
    this.#events.emit('cleared')
  }

  /** Calls back for each new entry until the returned function is called. */
  onReceived(listener: (entry: Received) => void): () => void {
    this.#events.on('received', listener)
    return () => this.#events.off('received', listener)
  }

  /** Calls back when the inbox is cleared until the returned function is called. */
  onCleared(listener: () => void): () => void {
    this.#events.on('cleared', listener)
    return () => this.#events.off('cleared', listener)
  }

  /**
   * The first entry, kept or yet to come, for which `wanted` holds; it is also given all entries kept so far.
   * Rejects after `timeoutMs` (5000) with what the inbox held by then.
   */
  waitFor(wanted: (entry: Received, all: Received[]) => boolean, timeoutMs = 5000): Promise<Received> {
    const kept = this.entries()
    const there = kept.find(entry => wanted(entry, kept))
    if (there) return Promise.resolve(there)
    return new Promise((resolve, reject) => {
      const stop = this.onReceived(entry => {
        if (!wanted(entry, this.entries())) return
        finish()
        resolve(entry)
      })
      const timer = setTimeout(() => {
        finish()
        const { received, accepted, refused } = this.#counts
        const held = `${received} received, ${accepted} accepted, ${refused} refused`
        reject(new Error(`Nothing that was waited for arrived within ${timeoutMs} ms (${held})`))
      }, timeoutMs)
      const finish = () => {
        clearTimeout(timer)
        stop()
      }
    })
  }
}
