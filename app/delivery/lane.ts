/** A lane: the queue of one shop for one vendor. */
export type Lane = { shopId: number; vendor: string }

/** The lane's name, unique over all shops: "17:ecomail". */
export function laneKey(lane: Lane): string {
  return `${lane.shopId}:${lane.vendor}`
}

/**
 * How a lane stands (app/insights/lane-stands.ts decides it), from good to bad; of what is true of a lane this is said, the first in this order:
 *
 * 1. `held`: support holds it;
 * 2. `off`: the merchant has switched it off or has removed the app, or it is just being disconnected;
 * 3. `attention`: it waits for a person, such as for other credentials, or its credentials do not open with the keys there are;
 * 4. `failing`: its circuit is open, or the vendor's is and something waits in the lane; or of what came to an end of events received
 *    yesterday and today (days of the shop) five or more failed for good, and at least every tenth;
 * 5. `late`: the oldest of what waits does so for longer than an alert allows (`ALERT_AGE_MINUTES`, an hour unless set);
 * 6. `paused`: something waits while a limit is used up, or until the time that the vendor asked for;
 * 7. `untested`: neither a test of what is saved was accepted, nor has anything arrived since (app/insights/proved.ts);
 * 8. `ok`: none of these.
 */
export const LANE_STATES = [
  'ok',
  'untested',
  'off',
  'paused',
  'held',
  'late',
  'failing',
  'attention',
] as const
export type LaneState = (typeof LANE_STATES)[number]

/** So many deliveries of a lane and kind are counted: one more than screens tell (`MOST_COUNTED` in app/ui/counted.ts), which then say that there are more. */
export const COUNTED_UP_TO = 10_001
