/** What the harness saw from outside, as the verifier gets it. Times are milliseconds since 1970. */
import type { VendorName } from '../../sandbox/vendors/contract.ts'

/** Something that a vendor should get, under the key by which it is found again in the vendor's inbox. */
export type Wanted = {
  vendor: VendorName
  /** "view:801000000001"; "transaction:501000000001:3" is the third state of an order. */
  key: string
  /** Whether the sender was told that it is kept: only then it must arrive. */
  acknowledged: boolean
}

/** One event in one request that a vendor received. */
export type Sighting = {
  vendor: VendorName
  /** The vendor's own numbering of its requests. */
  seq: number
  key: string
  at: number
  /** When the answer left, if one did. */
  answeredAt: number
  /** The vendor took it. */
  accepted: boolean
  /** The vendor recognised it as a repetition and stored nothing new. */
  absorbed: boolean
  /** The answer said otherwise than what the vendor did, or never came. */
  answerSpoiled: boolean
  /** The life of the process that sent it: "worker-2#5". */
  sender: string
}

export type Disturbance = {
  kind: 'killed' | 'terminated' | 'frozen' | 'outage'
  /** The life of the process it befell; null: all of them, for want of a database. */
  sender: string | null
  from: number
  to: number
}

export type DeliveryCount = { vendor: string; state: string; reason: string | null; count: number }

export type Evidence = {
  wanted: readonly Wanted[]
  sightings: readonly Sighting[]
  disturbances: readonly Disturbance[]
  /** What the deliveries table holds at the end. */
  deliveries: readonly DeliveryCount[]
  /** Lanes that have a job at the end. */
  armed: readonly string[]
  /** Answers to webhooks and batches that say neither "kept" nor "come back". */
  refused: readonly string[]
  /** Processes that ended although nobody ended them. */
  crashes: readonly string[]
  /** How long each process took from SIGTERM to its end. */
  terminations: readonly number[]
}
