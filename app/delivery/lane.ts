/** A lane: the queue of one shop for one vendor. */
export type Lane = { shopId: number; vendor: string }

/** The lane's name, unique over all shops: "17:ecomail". */
export function laneKey(lane: Lane): string {
  return `${lane.shopId}:${lane.vendor}`
}
